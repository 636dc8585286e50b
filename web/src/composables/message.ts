/** What a run is doing, in the page's language even where the project speaks another. */
import { computed, type ComputedRef } from "vue";
import { useI18n } from "vue-i18n";

import type { Project, Stage, Status } from "@/api/types";

const stage = (status: Status, name: Stage["stage"]): Stage | undefined =>
  status.stages.find((one) => one.stage === name);

/** The message's key and parameters, from what the stages say. */
export function activity(status: Status): { key: string; done: number; total: number } {
  if (status.runKind === "script") {
    const begun = status.lastSeenAt !== null;
    return { key: !begun ? "script_queued" : status.progress > 10 ? "script_writing" : "script_preparing", done: 0, total: 0 };
  }
  for (const [name, key] of [["voice", "voice_recording"], ["visual", "visual_making"], ["clip", "clip_rendering"]] as const) {
    const found = stage(status, name);
    if (found && found.done < found.total) {
      const idle = name === "voice" && found.done === 0 && status.lastSeenAt === null;
      return { key: idle ? "production_queued" : key, done: found.done, total: found.total };
    }
  }
  return { key: "video_assembling", done: 0, total: 0 };
}

export function useProgressMessage(status: () => Status, project: () => Project | undefined): ComputedRef<string> {
  const { t, locale } = useI18n();
  return computed(() => {
    const [now, own] = [status(), project()];
    if (!own || own.language === locale.value) return now.progressMessage;
    const { key, done, total } = activity(now);
    return t(`doing.${key}`, { done, total });
  });
}

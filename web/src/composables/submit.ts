/** From a filled form to a running script: create, start, follow, go there. */
import { useQueryClient } from "@tanstack/vue-query";
import { ElMessage } from "element-plus/es/components/message/index";
import "element-plus/es/components/message/style/css";
import { nextTick, ref } from "vue";
import { useRouter } from "vue-router";

import { createProject, writeScript } from "@/api/calls";
import { newKey } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { NewProject } from "@/api/types";
import { useLive } from "@/stores/live";
import { askToNotify } from "./milestones";
import { useWords } from "./words";

const decided = (error: unknown): boolean => error instanceof ApiError && !error.passing && error.code !== "idempotency_busy";

export function useSubmit() {
  const router = useRouter();
  const live = useLive();
  const queries = useQueryClient();
  const words = useWords();
  const busy = ref(false);
  // The same form sent again after a lost answer is the same project. A refusal is an answer: it would come again with the key.
  const NOTHING = { text: "", key: "" };
  let sent = NOTHING;

  /** `stored` is called before the page is left. */
  async function submit(project: NewProject, stored?: () => void): Promise<void> {
    const text = JSON.stringify(project);
    if (sent.text !== text) sent = { text, key: newKey() };
    busy.value = true;
    try {
      const { projectId, runId } = await createProject(project, sent.key).catch((error: unknown) => {
        if (decided(error)) sent = NOTHING;
        throw error;
      });
      if (runId) live.expect(projectId, runId); // it goes through to the video by itself
      else await begun(projectId);
      sent = NOTHING;
      void queries.invalidateQueries({ queryKey: ["projects"] });
      stored?.();
      await nextTick();
      // The project is there: a page that can't be loaded is no failed submit, and the router loads it anew.
      await router.push({ name: "project", params: { id: projectId } }).catch(() => undefined);
      void askToNotify();
    } finally {
      busy.value = false;
    }
  }

  /** Should it not begin, the user hears why, and the project's page offers to. */
  async function begun(projectId: string): Promise<void> {
    try {
      const { runId } = await writeScript(projectId);
      live.expect(projectId, runId);
    } catch (error) {
      ElMessage({ message: words.refusal(error), type: "error", grouping: true, duration: 6_000 });
    }
  }

  return { busy, submit };
}

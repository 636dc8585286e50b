/**
 * The end of a run, told once: a toast with a link, the browser's own notification when the page
 * is not being looked at. Of several open tabs one tells it, and rather one that is seen.
 */
import { useQueryClient } from "@tanstack/vue-query";
import { promiseTimeout } from "@vueuse/core";
import { h } from "vue";
import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";

import { acknowledge, readProject } from "@/api/calls";
import type { Status } from "@/api/types";
import { useLive } from "@/stores/live";
import { NOTICE_COMES_MS, NOTICES, useSeenNotices } from "./notices";
import { useWords } from "./words";

const SEEN_TABS_FIRST_MS = 2_000;
const SHOWN_MS = 9_000;
/** Above the side bar's foot, where nothing is; on a narrow screen there is no such place. */
const IN_SIDE = { position: "bottom-left", offset: 96 } as const;
const IN_FRONT = { position: "top-right", offset: 20 } as const;

interface Telling {
  title: string;
  message: string;
  type: "success" | "error";
}

export function useMilestones(): void {
  const { t } = useI18n();
  const router = useRouter();
  const queries = useQueryClient();
  const live = useLive();
  const words = useWords();
  const seen = useSeenNotices();

  live.onEnded((status) => void tell(status));

  async function tell(status: Status): Promise<void> {
    void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "options" });
    for (const late of NOTICE_COMES_MS) setTimeout(again, late);
    if (document.hidden) await promiseTimeout(SEEN_TABS_FIRST_MS);
    if (!(await isFirst(status)) || status.runState === "cancelled") return;
    const title = await titleOf(status.projectId);
    const telling = wordsFor(status, title);
    void toast(status, telling);
    if (document.hidden || !document.hasFocus()) desktop(status, telling);
  }

  const again = (): void => void queries.invalidateQueries({ queryKey: NOTICES });

  /** A toast that comes twice is better than one that does not come. */
  async function isFirst(status: Status): Promise<boolean> {
    if (status.runId === null) return false;
    return acknowledge(status.projectId, status.runId).then(
      (answer) => answer.first,
      () => true,
    );
  }

  async function titleOf(projectId: string): Promise<string> {
    const found = await queries
      .fetchQuery({ queryKey: ["project", projectId], queryFn: () => readProject(projectId) })
      .catch(() => undefined);
    return found?.title ?? "";
  }

  function wordsFor(status: Status, title: string): Telling {
    if (status.runState === "failed") {
      const message = status.error ? words.failure(status.error) : t("toast.failedText", { title });
      return { title: t("toast.failed"), message: `${t("toast.quoted", { title })}${message}`, type: "error" };
    }
    const kind = status.runKind === "script" ? "script" : "video";
    return { title: t(`toast.${kind}`), message: t(`toast.${kind}Text`, { title }), type: "success" };
  }

  async function view(status: Status): Promise<void> {
    await router.push({ name: "project", params: { id: status.projectId } });
    await seen(status.projectId);
  }

  async function toast(status: Status, telling: Telling): Promise<void> {
    const { ElNotification } = await import("./notification");
    const { href } = router.resolve({ name: "project", params: { id: status.projectId } });
    const shown = ElNotification({
      title: telling.title,
      type: telling.type,
      duration: document.hidden ? 0 : SHOWN_MS,
      ...(matchMedia("(min-width: 60rem)").matches ? IN_SIDE : IN_FRONT),
      customClass: "milestone",
      message: h("div", [
        h("p", telling.message),
        h(
          "a",
          {
            href,
            class: "milestone-link",
            onClick: (event: MouseEvent) => {
              event.preventDefault();
              shown.close();
              void view(status);
            },
          },
          t("toast.view"),
        ),
      ]),
    });
  }

  function desktop(status: Status, telling: Telling): void {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const shown = new Notification(telling.title, {
      body: telling.message,
      icon: "/favicon.svg",
      tag: `${status.projectId}/${status.runId}`,
    });
    shown.onclick = () => {
      window.focus();
      shown.close();
      void view(status);
    };
  }
}

/** Asks whether the browser may notify: only after the user has submitted something to wait for. */
export async function askToNotify(): Promise<void> {
  if ("Notification" in window && Notification.permission === "default") {
    await Notification.requestPermission();
  }
}

/** One project as its page needs it: what it is, how far it is, and what can be ordered. */
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { useDocumentVisibility } from "@vueuse/core";
import { computed, onScopeDispose, ref, toValue, watch, type MaybeRefOrGetter } from "vue";

import { acknowledge, cancel, complete, produce, readProject, retry, revise, writeScript } from "@/api/calls";
import { ApiError } from "@/api/errors";
import { isActive, type Run } from "@/api/types";
import { useLive } from "@/stores/live";
import type { Revision } from "./sceneorders";
import { NOTICE_COMES_MS, useSeenNotices } from "./notices";

const AGAIN_MS = 5_000;
const passing = (error: unknown): boolean => error instanceof ApiError && error.passing;
const gone = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

export function useProject(id: MaybeRefOrGetter<string>) {
  const live = useLive();
  const queries = useQueryClient();
  const seen = useSeenNotices();
  const key = computed(() => ["project", toValue(id)] as const);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readProject(toValue(id), signal),
    refetchInterval: ({ state }) => state.data !== undefined && passing(state.error) && AGAIN_MS,
  });
  const project = computed(() => query.data.value);
  /** Why there is nothing to show. What is there stays there, whatever a later look came to, unless the project is gone. */
  const missing = computed(() => (project.value && !gone(query.error.value) ? null : query.error.value));
  const status = computed(() => live.statuses.get(toValue(id)));
  const link = computed(() => live.links.get(toValue(id)) ?? "quiet");
  const active = computed(() => !!status.value && isActive(status.value));
  const ordering = ref("");

  let stop = (): void => undefined;
  watch(
    () => toValue(id),
    (now) => {
      stop();
      stop = live.follow(now);
    },
    { immediate: true },
  );
  onScopeDispose(() => stop());

  // The script, the title and the dates change with these; the rest of the status is its own.
  watch(
    () => [status.value?.scriptVersion, status.value?.status, status.value?.runId, status.value?.runState].join(),
    (_, before) => {
      if (before) void queries.invalidateQueries({ queryKey: key.value });
    },
  );
  // Whoever sees the result has been told of it: at its end, or when the tab is seen after it.
  const visibility = useDocumentVisibility();
  let late: ReturnType<typeof setTimeout>[] = [];
  watch(
    () => visibility.value === "visible" && status.value && !isActive(status.value) && status.value.runId !== null,
    (over) => {
      late.forEach(clearTimeout);
      if (!over) return;
      void told();
      late = NOTICE_COMES_MS.map((ms) => setTimeout(() => void told(), ms));
    },
    { immediate: true },
  );
  onScopeDispose(() => late.forEach(clearTimeout));

  async function told(): Promise<void> {
    const now = status.value;
    if (!now || document.hidden) return;
    await seen(now.projectId).catch(() => undefined);
    if (!now.notified && now.runId !== null && now.runState !== "active" && !live.tells(now)) {
      await acknowledge(now.projectId, now.runId).catch(() => undefined);
    }
  }

  /** What is shown is read again: something of it was changed here, or is not as it is shown. */
  async function again(): Promise<void> {
    live.refresh(toValue(id));
    await queries.invalidateQueries({ queryKey: key.value });
  }

  /** One order at a time: its buttons are disabled meanwhile. */
  async function order<T>(name: string, call: () => Promise<T>): Promise<T | undefined> {
    if (ordering.value) return undefined;
    ordering.value = name;
    try {
      const answer = await call();
      await again();
      return answer;
    } catch (error) {
      void again(); // what is shown may be what the refusal is about
      throw error;
    } finally {
      ordering.value = "";
    }
  }

  async function run(call: () => Promise<Run>): Promise<Run> {
    const opened = await call();
    live.expect(opened.projectId, opened.runId);
    return opened;
  }

  return {
    query,
    project,
    missing,
    status,
    link,
    active,
    ordering,
    again,
    writeScript: (replace = false) => order("script", () => run(() => writeScript(toValue(id), replace))),
    revise: ({ sceneId, kind, instruction }: Revision) =>
      order("script", () => run(() => revise(toValue(id), sceneId, kind, instruction))),
    retry: (acceptSecondCharge = false) => order("retry", () => run(() => retry(toValue(id), acceptSecondCharge))),
    cancel: () => order("cancel", () => cancel(toValue(id))),
    complete: (acceptStale = false) => order("complete", () => complete(toValue(id), acceptStale)),
    produce: () => order("production", () => run(() => produce(toValue(id)))),
  };
}

export type ProjectPage = ReturnType<typeof useProject>;

/** The bell: what the user was told, on every device, until it is read. */
import { useInfiniteQuery, useQueryClient } from "@tanstack/vue-query";
import { computed } from "vue";

import { listNotices, readNotice } from "@/api/calls";
import type { Notice } from "@/api/types";

export const NOTICES = ["notices"] as const;
const EVERY_MS = 60_000;

export function useNotices() {
  const queries = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: NOTICES,
    queryFn: ({ pageParam }) => listNotices(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: EVERY_MS,
    refetchOnWindowFocus: true,
  });
  const notices = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? []);
  const unread = computed(() => notices.value.filter((notice) => notice.readAt === null).length);
  const again = () => queries.invalidateQueries({ queryKey: NOTICES });

  async function read(notice: Notice): Promise<void> {
    if (notice.readAt === null) await readNotice(notice.id);
    await again();
  }

  async function readAll(): Promise<void> {
    const fresh = notices.value.filter((notice) => notice.readAt === null);
    await Promise.all(fresh.map((notice) => readNotice(notice.id)));
    await again();
  }

  return { query, notices, unread, read, readAll };
}

/** The notifier hears of an end on its own way, and may be a moment later. */
export const NOTICE_COMES_MS = [1_500, 5_000] as const;

/** Marks what was told of a project's run as read: the user sees its result. */
export function useSeenNotices() {
  const queries = useQueryClient();
  return async (projectId: string): Promise<void> => {
    const page = await listNotices(null);
    const fresh = page.items.filter((notice) => notice.projectId === projectId && notice.readAt === null);
    await Promise.all(fresh.map((notice) => readNotice(notice.id)));
    if (fresh.length) await queries.invalidateQueries({ queryKey: NOTICES });
  };
}

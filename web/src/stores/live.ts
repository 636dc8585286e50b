/** The freshest status of each project that somebody looks at, and the ends of runs. */
import { createEventHook } from "@vueuse/core";
import { defineStore } from "pinia";
import { shallowReactive } from "vue";

import type { Status } from "@/api/types";
import { browserPorts } from "@/live/browser";
import type { Link } from "@/live/follower";
import { newest } from "@/live/freshness";
import { Hub } from "@/live/hub";

export const useLive = defineStore("live", () => {
  const statuses = shallowReactive(new Map<string, Status>());
  const links = shallowReactive(new Map<string, Link>());
  const ended = createEventHook<Status>();
  const hub = new Hub(browserPorts(), {
    status: (status) => statuses.set(status.projectId, newest(statuses.get(status.projectId), status)),
    link: (projectId, link) => links.set(projectId, link),
    ended: (status) => void ended.trigger(status),
  });

  return {
    statuses,
    links,
    onEnded: ended.on,
    follow: (projectId: string) => hub.follow(projectId),
    expect: (projectId: string, runId: string) => hub.expect(projectId, runId),
    refresh: (projectId: string) => hub.refresh(projectId),
    tells: (status: Status) => hub.tells(status),
  };
});

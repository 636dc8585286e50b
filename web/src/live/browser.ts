/** The browser as the live modules see it. */
import { listUnfinished, openEvents, readStatus } from "@/api/calls";
import { Channel } from "./channel";
import type { HubPorts } from "./hub";

const hidden = (): boolean => document.visibilityState === "hidden";

function onVisibility(changed: () => void): () => void {
  document.addEventListener("visibilitychange", changed);
  return () => document.removeEventListener("visibilitychange", changed);
}

export function browserPorts(): HubPorts {
  return {
    channel: new Channel({ open: openEvents, hidden, onVisibility }),
    poll: readStatus,
    status: readStatus,
    unfinished: listUnfinished,
    hidden,
    onVisibility,
  };
}

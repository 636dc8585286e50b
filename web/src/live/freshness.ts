/** Answers may overtake one another on their way: which of two is the newer one. */
import { isActive, type Status } from "@/api/types";

/** What to show after `next` arrived: a run that ended is not active again, and no percent falls. */
export function newest(shown: Status | undefined, next: Status): Status {
  if (!shown || shown.projectId !== next.projectId || shown.runId !== next.runId) return next;
  if (!isActive(next)) return next.scriptVersion < shown.scriptVersion ? shown : next;
  if (!isActive(shown)) return shown;
  return next.progress < shown.progress ? shown : next;
}

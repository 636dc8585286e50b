/** Which of the five steps a project is at, and what its page shows there. Pure. */
import { isActive, type Status } from "@/api/types";

export type Panel = "start" | "writing" | "script" | "production" | "editing" | "done" | "failed";

const STEP = { draft: 1, script: 1, review: 1, production: 2, editing: 3, completed: 4 } as const;

/** 0 填写, 1 脚本, 2 制作, 3 剪辑, 4 完成. */
export const stepOf = (status: Status): number => STEP[status.step];

/** The steps that have something to show besides the present one. */
export function reachable(status: Status): number[] {
  const found = new Set([stepOf(status)]);
  if (status.scriptReady && !isActive(status)) found.add(1);
  if (status.videoReady && !isActive(status)) found.add(3);
  return [...found].sort();
}

function own(status: Status): Panel {
  if (status.status === "FAILED") return "failed";
  switch (status.step) {
    case "draft":
      return "start";
    case "script":
      return isActive(status) ? "writing" : "failed";
    case "review":
      return "script";
    case "production":
      return "production";
    case "editing":
      return "editing";
    case "completed":
      return "done";
  }
}

/** `wanted`: another step that the user went to, by its name. */
export function panelOf(status: Status, wanted: string): Panel {
  const may = reachable(status);
  if (wanted === "script" && may.includes(1) && status.scriptReady) return "script";
  if (wanted === "editing" && may.includes(3) && status.videoReady) return "editing";
  return own(status);
}

// What a cancelled run still cost, by its timeline.
import { describe, expect, test } from "vitest";

import type { Happening } from "@/api/types";
import { aftermath, open } from "@/project/aftermath";

const CLOSED = Date.parse("2026-11-26T10:00:00Z");
const MINUTE = 60_000;

function line(type: string, more: Partial<Happening> = {}): Happening {
  return { at: new Date(CLOSED).toISOString(), type, message: "", runId: "r", stage: "visual", scene: 1, sceneId: "s1", attempt: 1, afterClose: null, data: {}, ...more };
}
const closed = line("run.closed", { stage: null, scene: null, sceneId: null });
const late = (outcome: "still_running" | "stopped" | "finished_anyway", charge?: string, code?: string) =>
  line("task.dispatched", { afterClose: { outcome, ...(charge && { charge }), ...(code && { code }) } });

describe("whether it is asked again", () => {
  test.each([
    ["nothing is known of paid work", [line("task.dispatched"), closed], true],
    ["it is at work still", [late("still_running"), closed], true],
    ["it has ended since", [late("finished_anyway", "charged"), closed], false],
    ["it had ended before", [line("task.dispatched"), line("task.done"), closed], false],
    ["it had failed before", [line("task.dispatched"), line("task.failed"), closed], false],
    ["only another scene's had ended", [line("task.dispatched"), line("task.done", { sceneId: "s2" }), closed], true],
    ["it costs nobody anything", [line("task.dispatched", { stage: "clip" }), closed], false],
    ["nothing was handed out", [closed], false],
  ])("%s", (_, lines, again) => expect(open(lines, CLOSED + MINUTE)).toBe(again));

  test("not after a quarter of an hour", () => {
    expect(open([line("task.dispatched"), closed], CLOSED + 14 * MINUTE)).toBe(true);
    expect(open([line("task.dispatched"), closed], CLOSED + 16 * MINUTE)).toBe(false);
  });
});

describe("what it cost", () => {
  test.each([
    ["finished and charged", [late("finished_anyway", "charged")], { kept: 1, paid: 0, lost: 0, unknown: 0 }],
    ["paid for and not made yet", [late("stopped", "charged", "run_cancelled")], { kept: 0, paid: 1, lost: 0, unknown: 0 }],
    ["charged for nothing", [late("stopped", "charged", "visual_unreadable")], { kept: 0, paid: 0, lost: 1, unknown: 0 }],
    ["nobody knows", [late("stopped", "unknown")], { kept: 0, paid: 0, lost: 0, unknown: 1 }],
    ["not charged", [late("stopped", "not charged")], { kept: 0, paid: 0, lost: 0, unknown: 0 }],
    ["free", [late("finished_anyway")], { kept: 0, paid: 0, lost: 0, unknown: 0 }],
  ])("%s", (_, lines, found) => expect(aftermath([...lines, closed])).toEqual(found));

  test("work that was handed out twice counts once, that of two scenes twice", () => {
    const one = late("finished_anyway", "charged");
    expect(aftermath([one, one, { ...one, sceneId: "s2" }]).kept).toBe(2);
  });
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Status, Unfinished } from "@/api/types";
import { Hub } from "@/live/hub";
import { aStatus, ended, Line, Tab } from "./a";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function hubTo(now: { status: Status }) {
  const line = new Line();
  const tab = new Tab();
  const over: Status[] = [];
  const asked = { status: 0, unfinished: 0 };
  const read = async (): Promise<Status> => {
    asked.status += 1;
    return now.status;
  };
  const hub = new Hub(
    {
      channel: line,
      poll: read,
      status: read,
      unfinished: async () => {
        asked.unfinished += 1;
        return [{ projectId: now.status.projectId, status: now.status.status }] as Unfinished[];
      },
      hidden: tab.hidden,
      onVisibility: tab.onVisibility,
    },
    { status: () => undefined, link: () => undefined, ended: (status) => over.push(status) },
  );
  return { hub, line, over, asked };
}

test("the end of a run that a page saw is told once", async () => {
  const now = { status: aStatus() };
  const { hub, over } = hubTo(now);
  hub.follow("p1");
  await later(0);
  now.status = ended();
  await later(10_000);
  hub.refresh("p1");
  await later(0);
  expect(over.map((status) => status.runId)).toEqual(["r1"]);
  expect(hub.tells(now.status)).toBe(true);
});

test("a run that is over before anybody looked is told, because it was ordered here", async () => {
  const now = { status: ended() };
  const { hub, over } = hubTo(now);
  hub.expect("p1", "r1");
  hub.follow("p1");
  await later(0);
  expect(over).toHaveLength(1);
});

test("an old end is nobody's news", async () => {
  const now = { status: ended() };
  const { hub, over } = hubTo(now);
  hub.follow("p1");
  await later(30_000);
  expect(over).toEqual([]);
  expect(hub.tells(now.status)).toBe(false);
});

test("on any other page the end is still noticed, by one calm look for all", async () => {
  const now = { status: aStatus() };
  const { hub, over, asked } = hubTo(now);
  const leave = hub.follow("p1");
  await later(0);
  leave();
  asked.status = 0;
  await later(45_000);
  expect(asked).toEqual({ status: 0, unfinished: 3 });
  now.status = ended();
  await later(15_000);
  expect(over).toHaveLength(1);
  const looks = { ...asked };
  await later(120_000);
  expect(asked).toEqual(looks);
});

test("with a stream no look is needed", async () => {
  const now = { status: aStatus() };
  const { hub, line, over, asked } = hubTo(now);
  line.open();
  hub.expect("p1", "r1");
  await later(0);
  const before = asked.unfinished;
  await later(120_000);
  line.send(ended());
  expect(over).toHaveLength(1);
  expect(asked.unfinished).toBe(before);
  expect(line.listeners.size).toBe(0);
});

test("a script that goes on to its video by itself is not announced in between", async () => {
  const now = { status: aStatus({ runKind: "script", runId: "r1" }) };
  const { hub, over } = hubTo(now);
  hub.follow("p1");
  await later(0);
  now.status = aStatus({ runKind: "production", runId: "r2" });
  await later(3_000);
  now.status = ended({ runId: "r2" });
  await later(3_000);
  expect(over.map((status) => status.runId)).toEqual(["r2"]);
});

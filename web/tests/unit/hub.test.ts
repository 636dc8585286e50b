import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ApiError } from "@/api/errors";
import type { Status, Unfinished } from "@/api/types";
import type { Link } from "@/live/follower";
import { Hub } from "@/live/hub";
import { aStatus, ended, Line, Tab } from "./a";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function hubTo(now: { status: Status; gone?: boolean }) {
  const line = new Line();
  const tab = new Tab();
  const over: Status[] = [];
  const links: Link[] = [];
  const asked = { status: 0, unfinished: 0 };
  const read = async (): Promise<Status> => {
    asked.status += 1;
    if (now.gone) throw new ApiError(404, "project_not_found");
    return now.status;
  };
  const hub = new Hub(
    {
      channel: line,
      poll: read,
      status: read,
      unfinished: async () => {
        asked.unfinished += 1;
        return now.gone ? [] : [{ projectId: now.status.projectId, status: now.status.status }] as Unfinished[];
      },
      hidden: tab.hidden,
      onVisibility: tab.onVisibility,
    },
    { status: () => undefined, link: (_, link) => links.push(link), ended: (status) => over.push(status) },
  );
  return { hub, line, over, links, asked };
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

test("a project that was deleted while its run was followed on another page is asked for once, and forgotten", async () => {
  const now = { status: aStatus(), gone: false };
  const { hub, line, over, asked } = hubTo(now);
  const leave = hub.follow("p1");
  await later(0);
  leave();
  now.gone = true;
  Object.assign(asked, { status: 0, unfinished: 0 });
  await later(60 * 60_000);
  expect(asked).toEqual({ status: 1, unfinished: 1 });
  expect([line.listeners.size, vi.getTimerCount(), over]).toEqual([0, 0, []]);
});

test("a project that the stream says is deleted is forgotten without being asked for", async () => {
  const now = { status: aStatus() };
  const { hub, line } = hubTo(now);
  line.open();
  hub.expect("p1", "r1");
  await later(0);
  line.remove("p1");
  expect(line.listeners.size).toBe(0);
  expect(hub.tells(now.status)).toBe(false);
});

test("a project that is there again is not called gone any more by whoever comes back to it", async () => {
  const now = { status: ended(), gone: true };
  const { hub, links } = hubTo(now);
  const leave = hub.follow("p1");
  await later(0);
  expect(links.at(-1)).toBe("gone");
  leave();
  now.gone = false;
  hub.follow("p1");
  await later(0);
  expect(links.at(-1)).toBe("quiet");
});

test("a project that was gone when its page was left is not asked for from other pages", async () => {
  const now = { status: aStatus(), gone: false };
  const { hub, asked } = hubTo(now);
  const leave = hub.follow("p1");
  await later(0);
  now.gone = true;
  await later(3_000);
  leave();
  const before = { ...asked };
  await later(60_000);
  expect(asked).toEqual(before);
});

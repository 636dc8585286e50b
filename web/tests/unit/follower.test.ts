import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ApiError } from "@/api/errors";
import type { Status } from "@/api/types";
import { Follower, type Link } from "@/live/follower";
import { aStatus, ended, Line, Tab } from "./a";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that answers what `answers` says, in order, the last one for ever; counts its requests. */
function followed(answers: (Status | Error)[]) {
  const line = new Line();
  const tab = new Tab();
  const seen: Status[] = [];
  const links: Link[] = [];
  const server = { asked: 0 };
  const poll = async (): Promise<Status> => {
    const answer = answers[Math.min(server.asked, answers.length - 1)] as Status | Error;
    server.asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const follower = new Follower(
    "p1",
    { channel: line, poll, hidden: tab.hidden, onVisibility: tab.onVisibility },
    { status: (status) => seen.push(status), link: (link) => links.push(link) },
  );
  return { follower, line, tab, seen, links, server, answers };
}
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("without a stream it asks every three seconds, without a limit", async () => {
  const { follower, server, links } = followed([aStatus()]);
  follower.start();
  await later(0);
  expect(server.asked).toBe(1);
  await later(60_000);
  expect(server.asked).toBe(21);
  expect(links).toEqual(["polling"]);
});

test("the server says how often", async () => {
  const { follower, server } = followed([aStatus({ pollAfterMs: 10_000 })]);
  follower.start();
  await later(30_000);
  expect(server.asked).toBe(4);
});

test("a failed poll goes on; three in a row are said quietly, and the first good one ends that", async () => {
  const away = new ApiError(0, "network");
  const { follower, server, links } = followed([aStatus(), away, away, away, away, aStatus({ progress: 20 })]);
  follower.start();
  await later(6_000);
  expect(links).toEqual(["polling"]);
  await later(3_000);
  expect(links).toEqual(["polling", "reconnecting"]);
  await later(6_000);
  expect(server.asked).toBe(6);
  expect(links).toEqual(["polling", "reconnecting", "polling"]);
});

test("it asks on when the very first poll fails", async () => {
  const { follower, server, seen } = followed([new ApiError(503, "database_unavailable"), aStatus()]);
  follower.start();
  await later(3_000);
  expect(server.asked).toBe(2);
  expect(seen).toHaveLength(1);
});

test("nothing is asked after the end", async () => {
  const { follower, line, server, links } = followed([aStatus(), ended()]);
  follower.start();
  await later(120_000);
  expect(server.asked).toBe(2);
  expect(line.listeners.size).toBe(0);
  expect(links.at(-1)).toBe("quiet");
  expect(vi.getTimerCount()).toBe(0);
});

test("nothing is asked and nothing is told after leaving, not even by a late answer", async () => {
  const { follower, line, server, seen } = followed([aStatus()]);
  follower.start();
  await later(0);
  follower.refresh();
  follower.stop();
  await later(60_000);
  expect(server.asked).toBe(2);
  expect(seen).toHaveLength(1);
  expect(line.listeners.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("with a stream it does not poll; the stream's statuses are shown and its end is the end", async () => {
  const { follower, line, server, seen, links } = followed([aStatus()]);
  line.open();
  follower.start();
  await later(0);
  const first = server.asked;
  line.send(aStatus({ progress: 40 }));
  line.send(aStatus({ projectId: "other", progress: 90 }));
  await later(60_000);
  expect(server.asked).toBe(first);
  expect(links).toEqual(["live"]);
  expect(seen.at(-1)?.progress).toBe(40);
  line.send(ended());
  await later(60_000);
  expect(server.asked).toBe(first);
  expect(line.listeners.size).toBe(0);
});

test("a lost stream is asked for at once and then polled for; a new one ends the polling", async () => {
  const { follower, line, server, links } = followed([aStatus()]);
  line.open();
  follower.start();
  await later(0);
  const before = server.asked;
  line.lose();
  await later(0);
  expect(server.asked).toBe(before + 1);
  await later(6_000);
  expect(server.asked).toBe(before + 3);
  line.open();
  await later(0);
  const opened = server.asked;
  await later(60_000);
  expect(server.asked).toBe(opened);
  expect(links).toEqual(["live", "polling", "live"]);
});

test("a hidden tab slows down, and looks at once when it is seen again", async () => {
  const { follower, tab, server } = followed([aStatus()]);
  follower.start();
  await later(0);
  tab.hide(true);
  await later(3_000);
  const first = server.asked;
  await later(60_000);
  expect(server.asked - first).toBe(4);
  tab.hide(false);
  await later(0);
  expect(server.asked - first).toBe(5);
});

test("a project that is gone is not asked for again", async () => {
  const { follower, server, links } = followed([new ApiError(404, "project_not_found")]);
  follower.start();
  await later(60_000);
  expect(server.asked).toBe(1);
  expect(links).toEqual(["gone"]);
});

test("an answer that was overtaken changes nothing", async () => {
  const { follower, line, seen } = followed([aStatus({ progress: 10 })]);
  line.open();
  follower.start();
  await later(0);
  line.send(aStatus({ progress: 60 }));
  line.send(aStatus({ progress: 30 }));
  expect(seen.at(-1)?.progress).toBe(60);
  line.send(ended());
  line.send(aStatus({ progress: 70 }));
  expect(seen.at(-1)?.runState).toBe("done");
});

test("a look that was asked for is made until it is answered, though the run before it has ended", async () => {
  const away = new ApiError(503, "database_unavailable");
  const { follower, server, seen } = followed([ended(), away, away, aStatus({ runId: "r2" }), ended({ runId: "r2" })]);
  follower.start();
  await later(0);
  follower.refresh();
  await later(6_000);
  expect(seen.at(-1)).toMatchObject({ runId: "r2", runState: "active" });
  await later(60_000);
  expect(server.asked).toBe(5);
  expect(seen.at(-1)?.runState).toBe("done");
});

test("a project that the stream says is deleted is gone, and not asked for again", async () => {
  const { follower, line, server, links } = followed([aStatus()]);
  line.open();
  follower.start();
  await later(0);
  line.remove("other");
  expect(links).toEqual(["live"]);
  const asked = server.asked;
  line.remove("p1");
  await later(60_000);
  expect(links).toEqual(["live", "gone"]);
  expect([server.asked, line.listeners.size]).toEqual([asked, 0]);
});

test("whoever has to sign in again is told so, and a session that is there again goes on", async () => {
  const over = new ApiError(401, "unauthorized");
  const { follower, server, links } = followed([aStatus(), over, over, over, over, aStatus({ progress: 20 })]);
  follower.start();
  await later(3_000);
  expect(links).toEqual(["polling", "signedOut"]);
  await later(60_000);
  expect(server.asked).toBe(6);
  expect(links).toEqual(["polling", "signedOut", "polling"]);
});

test("a look that is refused is not made again and again where no run goes on", async () => {
  const { follower, server } = followed([ended(), new ApiError(401, "unauthorized")]);
  follower.start();
  await later(0);
  follower.refresh();
  await later(3_600_000);
  expect(server.asked).toBe(2);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Status } from "@/api/types";
import { Channel } from "@/live/channel";
import { EventCutter } from "@/live/sse";
import { aStatus, Pipe, Tab } from "./a";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const event = (status: Status): string => `event: status\nid: 1\ndata: ${JSON.stringify(status)}\n\n`;

/** A server whose next streams are `answers`; the last one is given for ever. */
function channelTo(answers: (() => Response | Error)[]) {
  const tab = new Tab();
  const server = { opened: 0, signals: [] as AbortSignal[] };
  const channel = new Channel({
    open: async (signal) => {
      const answer = answers[Math.min(server.opened, answers.length - 1)]?.();
      server.opened += 1;
      server.signals.push(signal);
      if (!(answer instanceof Response)) throw answer ?? new Error("nobody");
      return answer;
    },
    hidden: tab.hidden,
    onVisibility: tab.onVisibility,
  });
  const links: boolean[] = [];
  const seen: Status[] = [];
  const deleted: string[] = [];
  const listener = {
    link: (open: boolean) => void links.push(open),
    status: (status: Status) => void seen.push(status),
    deleted: (projectId: string) => void deleted.push(projectId),
  };
  return { channel, tab, server, links, seen, deleted, listener };
}

test("events are cut wherever the network cuts them", () => {
  const cutter = new EventCutter();
  const text = "retry: 2000\n\n: alive\r\n\r\nevent: status\ndata: {\"a\":\ndata: 1}\n\ndata: plain\n\n";
  const whole = new EventCutter().push(text);
  const pieces = Array.from(text).flatMap((letter) => cutter.push(letter));
  expect(pieces).toEqual(whole);
  expect(whole).toEqual([
    { event: "", data: "alive" },
    { event: "status", data: '{"a":\n1}' },
    { event: "message", data: "plain" },
  ]);
});

test("one stream serves all listeners, and closes with the last one", async () => {
  const pipe = new Pipe();
  const { channel, server, seen, links, listener } = channelTo([() => pipe.answer()]);
  const leave = channel.listen(listener);
  const other = channel.listen({ link: () => undefined, status: () => undefined, deleted: () => undefined });
  await later(0);
  pipe.say(event(aStatus({ progress: 42 })));
  await later(0);
  expect(server.opened).toBe(1);
  expect(links).toEqual([true]);
  expect(seen.map((status) => status.progress)).toEqual([42]);
  leave();
  expect(server.signals[0]?.aborted).toBe(false);
  other();
  expect(server.signals[0]?.aborted).toBe(true);
});

test("a stream that ends is opened again, more and more patiently", async () => {
  const { channel, server, listener } = channelTo([() => new Error("refused")]);
  channel.listen(listener);
  await later(0);
  expect(server.opened).toBe(1);
  await later(1_000);
  expect(server.opened).toBe(2);
  await later(2_000);
  expect(server.opened).toBe(3);
  await later(4_000 + 8_000 + 16_000 + 30_000);
  expect(server.opened).toBe(7);
});

test("a server without streams is asked seldom", async () => {
  const { channel, server, links, listener } = channelTo([() => new Response("", { status: 404 })]);
  channel.listen(listener);
  await later(60_000);
  expect(server.opened).toBeLessThanOrEqual(4);
  expect(links).toEqual([]);
});

test("a stream that is silent for longer than the server ever is counts as dead", async () => {
  const pipes = [new Pipe(), new Pipe()];
  const { channel, server, links, listener } = channelTo(pipes.map((pipe) => () => pipe.answer()));
  channel.listen(listener);
  await later(30_000);
  pipes[0]?.say(": alive\n\n");
  await later(30_000);
  expect(server.opened).toBe(1);
  await later(10_000);
  expect(server.signals[0]?.aborted).toBe(true);
  pipes[0]?.end();
  await later(2_000);
  expect(server.opened).toBe(2);
  expect(links).toEqual([true, false, true]);
});

test("a hidden tab has no stream, and opens one when it is seen again", async () => {
  const { channel, server, tab, links, listener } = channelTo([() => new Pipe().answer()]);
  channel.listen(listener);
  await later(0);
  tab.hide(true);
  expect(server.signals[0]?.aborted).toBe(true);
  await later(120_000);
  expect(server.opened).toBe(1);
  tab.hide(false);
  await later(0);
  expect(server.opened).toBe(2);
  expect(links).toEqual([true, false, true]);
});

test("a project that was deleted is told of, and other events are not", async () => {
  const pipe = new Pipe();
  const { channel, seen, deleted, listener } = channelTo([() => pipe.answer()]);
  channel.listen(listener);
  await later(0);
  pipe.say('event: deleted\ndata: {"projectId":"p1"}\n\nevent: unheard\ndata: {"projectId":"p2"}\n\n');
  await later(0);
  expect([deleted, seen]).toEqual([["p1"], []]);
});

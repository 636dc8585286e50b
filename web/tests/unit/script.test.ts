import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ApiError } from "@/api/errors";
import type { Edited, Scene, Script } from "@/api/types";
import { LEAST } from "@/composables/options";
import { Autosave, type SaveState } from "@/script/autosave";
import { added, changed, differsAt, draftOf, type Draft, History, moved, problemsOf, removed, savable, wire } from "@/script/draft";
import { readSeries, shownSeries } from "@/script/series";
import { scriptSeconds, spokenSeconds } from "@/script/spoken";

const { limits } = LEAST;
const scene = (id: string, narration = `旁白 ${id}`): Scene => ({ id, narration, heading: "", card: { kind: "title", subtitle: "" } });
const draft = draftOf({ title: "题目", scenes: [scene("a"), scene("b"), scene("c")] });
const order = (one: Draft): string[] => one.scenes.map((each) => each.key);

test("scenes are added, moved and removed where they were asked to be", () => {
  expect(order(added(draft, 0, "new"))).toEqual(["a", "new", "b", "c"]);
  expect(order(moved(draft, 2, 0))).toEqual(["c", "a", "b"]);
  expect(order(moved(draft, 0, -1))).toEqual(["a", "b", "c"]);
  expect(order(removed(draft, "b"))).toEqual(["a", "c"]);
});

test("a new scene is sent without an id, an old one with its own", () => {
  expect(wire(added(draft, 2, "new")).scenes.map((each) => each.id)).toEqual(["a", "b", "c", undefined]);
});

test.each([
  ["narrationMissing", { narration: " " }],
  ["narrationTooLong", { narration: "字".repeat(1_001) }],
  ["headingTooLong", { heading: "字".repeat(81) }],
  ["cardIncomplete", { card: { kind: "list" as const, items: [] } }],
  ["cardIncomplete", { card: { kind: "number" as const, value: " ", label: "" } }],
])("%s is seen before the server is asked", (problem, change) => {
  const wrong = changed(draft, "a", change);
  expect(problemsOf(wrong.scenes[0]!, limits)).toEqual([problem]);
  expect(savable(wrong, limits)).toBe(false);
});

test("the place of a change is that of the first scene that is another one", () => {
  const rewritten = changed(draft, "b", { narration: "别的" });
  const stored = changed(rewritten, "a", { id: "from the server" });
  expect(differsAt(stored, draft)).toBe(1);
  expect(differsAt(added(draft, 0, "new"), draft)).toBe(1);
  expect(differsAt(removed(draft, "b"), draft)).toBe(1);
  expect(differsAt(added(draft, 2, "new"), draft)).toBe(2);
});

test("typing in one field is one step back; redo ends with the next change", () => {
  const history = new History();
  let now = draft;
  for (const text of ["一", "一二", "一二三"]) {
    history.before(now, "a/narration");
    now = changed(now, "a", { narration: text });
  }
  history.before(now, "b/narration");
  now = changed(now, "b", { narration: "别的" });
  now = history.undo(now)!;
  expect(now.scenes[0]?.narration).toBe("一二三");
  now = history.undo(now)!;
  expect(now).toEqual(draft);
  expect(history.canUndo).toBe(false);
  now = history.redo(now)!;
  expect(now.scenes[0]?.narration).toBe("一二三");
  history.before(now, "c/narration");
  expect(history.canRedo).toBe(false);
});

test("seconds are those of calm narration", () => {
  expect(spokenSeconds("字".repeat(46))).toBeCloseTo(10);
  expect(spokenSeconds("one two three four five six seven eight nine ten eleven twelve thirteen")).toBeCloseTo(5);
  expect(scriptSeconds(["字".repeat(46), "字".repeat(46)])).toBeCloseTo(22.4);
});

test("labelled numbers are read as they are shown; a line without a number stores nothing", () => {
  const points = [{ label: "北京", value: 72 }, { label: "New York", value: -3.5 }];
  expect(readSeries(shownSeries(points))).toEqual({ points, wrong: 0 });
  expect(readSeries("上海：68\n\n 2024 100 ").points).toEqual([{ label: "上海", value: 68 }, { label: "2024", value: 100 }]);
  expect(readSeries("北京 72\n没有数").wrong).toBe(1);
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A server that keeps the script, with the version rule of the API. */
function saving(trouble: (call: number) => unknown = () => undefined) {
  const server = { version: 1, calls: 0, stored: wire(draft) };
  const states: SaveState[] = [];
  let now = draft;
  const autosave = new Autosave(draft, draft, 1, {
    save: async (sent, version): Promise<Edited> => {
      server.calls += 1;
      const wrong = trouble(server.calls);
      if (wrong) throw wrong;
      if (version !== server.version) throw new ApiError(412, "version_conflict");
      server.version += 1;
      server.stored = wire(sent);
      const scenes = sent.scenes.map((each, n) => scene(each.id ?? `server-${n}`, each.narration));
      return { projectId: "p", status: "DRAFT", scriptVersion: server.version, script: { title: sent.title, draft: false, scenes } };
    },
    savable: (one) => savable(one, limits),
    state: (state) => void states.push(state),
    identified: (one) => (now = one),
    saved: () => undefined,
  });
  const type = (narration: string): void => {
    now = changed(now, "a", { narration });
    autosave.change(now);
  };
  return { autosave, server, states, type, draft: () => now, set: (one: Draft) => autosave.change((now = one)) };
}

test("it is saved a moment after the last stroke, once", async () => {
  const { server, states, type } = saving();
  for (const text of ["一", "一二", "一二三"]) {
    type(text);
    await later(300);
  }
  expect(server.calls).toBe(0);
  await later(800);
  expect(server.calls).toBe(1);
  expect(server.stored.scenes[0]?.narration).toBe("一二三");
  expect(states.at(-1)).toBe("saved");
});

test("what is typed while a save is on its way is saved after it, under the new version", async () => {
  const { autosave, server, type } = saving((call) => void (call === 1 && type("一二")));
  type("一");
  await Promise.all([autosave.flush(), autosave.flush()]);
  expect(server.calls).toBe(2);
  expect(server.version).toBe(3);
  expect(server.stored.scenes[0]?.narration).toBe("一二");
});

test("a new scene gets the server's id, so that the next save does not make another", async () => {
  const { server, draft: now, set } = saving();
  set(changed(added(draft, 0, "new"), "new", { narration: "新的一段" }));
  await later(800);
  expect(now().scenes[1]?.id).toBe("server-1");
  set(changed(now(), "new", { narration: "又改了" }));
  await later(800);
  expect(server.stored.scenes[1]?.id).toBe("server-1");
});

test("what can't be saved yet waits, and says so", async () => {
  const { server, states, type } = saving();
  type("");
  await later(10_000);
  expect(server.calls).toBe(0);
  expect(states.at(-1)).toBe("incomplete");
  type("好了");
  await later(800);
  expect(server.calls).toBe(1);
});

test("another hand's version stops the saving until the user has chosen", async () => {
  const { autosave, server, states, type } = saving();
  server.version = 5;
  type("我的");
  await later(800);
  expect(states.at(-1)).toBe("conflict");
  type("我的，又改了");
  await later(60_000);
  expect(server.calls).toBe(1);
  expect(await autosave.keepMine(draft, 5)).toBe(true);
  expect(server.stored.scenes[0]?.narration).toBe("我的，又改了");
  expect(server.version).toBe(6);
});

const answered = (one: Draft, ids: (string | undefined)[]) => ({ ...wire(one), draft: false, scenes: wire(one).scenes.map((each, n) => ({ ...each, id: ids[n]! })) }) as Script;

test("a save whose answer was lost is no conflict with oneself: what was typed since goes on from it", async () => {
  const it = saving((call) => {
    if (call !== 1) return undefined;
    it.server.version += 1;
    return new ApiError(0, "timeout");
  });
  it.set(changed(added(draft, 0, "new"), "new", { narration: "新的一段" }));
  await later(800);
  const sent = it.draft();
  it.type("后来写的");
  await later(4_000);
  expect(it.states.at(-1)).toBe("conflict");

  expect(it.autosave.recognised(answered(sent, ["a", "server-1", "b", "c"]), 2)).toBe(true);
  await later(800);

  expect([it.states.at(-1), it.server.version]).toEqual(["saved", 3]);
  expect(it.server.stored.scenes.map((each) => each.id)).toEqual(["a", "server-1", "b", "c"]);
  expect(it.server.stored.scenes[0]?.narration).toBe("后来写的");
});

test("what was sent without an answer and taken back since is sent over it: nothing is called saved before", async () => {
  const lost = new ApiError(0, "timeout");
  const { autosave, server, states, type } = saving((call) => (call === 1 ? lost : undefined));
  const before = server.stored.scenes[0]!.narration;
  type("写错的");
  await autosave.flush();
  type(before);
  expect(states.at(-1)).toBe("typing");
  await later(800);
  expect(server.calls).toBe(2);
  expect(server.stored.scenes[0]?.narration).toBe(before);
  expect(states.at(-1)).toBe("saved");
});

test("another hand's version is not taken for a save whose answer was lost", async () => {
  const it = saving((call) => (call === 1 ? new ApiError(0, "timeout") : undefined));
  it.type("我的");
  await later(800);
  Object.assign(it.server, { version: 5 });
  await later(4_000);
  expect(it.autosave.recognised(answered(changed(draft, "b", { narration: "对方的" }), ["a", "b", "c"]), 5)).toBe(false);
  expect(it.states.at(-1)).toBe("conflict");
});

test("one's own words are kept over another hand's even where they are the old ones again, or not whole yet", async () => {
  const { autosave, server, states, type } = saving();
  const theirs = changed(draft, "a", { narration: "对方的" });
  Object.assign(server, { version: 5, stored: wire(theirs) });
  type("我的");
  await later(800);
  type("旁白 a");
  expect(await autosave.keepMine(theirs, 5)).toBe(true);
  expect(server.stored.scenes[0]?.narration).toBe("旁白 a");
  expect(states.at(-1)).toBe("saved");

  Object.assign(server, { version: 9, stored: wire(theirs) });
  type("又是我的");
  await later(800);
  expect(states.at(-1)).toBe("conflict");
  type("");
  expect(await autosave.keepMine(theirs, 9)).toBe(false);
  expect(states.at(-1)).toBe("incomplete");
  type("写完了");
  await later(800);
  expect(server.stored.scenes[0]?.narration).toBe("写完了");
});

test("another voice is a version of one's own: what is typed before and meanwhile is stored, and no conflict", async () => {
  const { autosave, server, states, type } = saving();
  type("之前");
  const altered = autosave.after(async () => {
    type("同时");
    await later(2_000);
    return (server.version += 1);
  });
  await altered;
  await later(800);
  expect(server.stored.scenes[0]?.narration).toBe("同时");
  expect([server.calls, server.version]).toEqual([2, 4]);
  expect(states).not.toContain("conflict");
});

test("another hand's version is not taken for the one that a changed voice made", async () => {
  const { autosave, server, states, type } = saving();
  await autosave.after(async () => (server.version += 2));
  type("我的");
  await later(800);
  expect(states.at(-1)).toBe("conflict");
});

test("a voice that was refused leaves the saving as it was", async () => {
  const { autosave, server, type } = saving();
  await expect(autosave.after(() => Promise.reject(new ApiError(422, "unknown_choice")))).rejects.toThrow();
  type("我的");
  await later(800);
  expect(server.stored.scenes[0]?.narration).toBe("我的");
});

test("a passing trouble is tried again; a refusal is not", async () => {
  const passing = saving((call) => (call === 1 ? new ApiError(503, "database_unavailable") : undefined));
  passing.type("一");
  await later(800);
  expect(passing.states.at(-1)).toBe("trouble");
  await later(4_000);
  expect(passing.states.at(-1)).toBe("saved");
  const refused = saving(() => new ApiError(409, "run_active"));
  refused.type("一");
  await later(60_000);
  expect(refused.server.calls).toBe(1);
  expect(refused.states.at(-1)).toBe("refused");
});

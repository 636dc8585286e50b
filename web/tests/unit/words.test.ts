import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { expect, test } from "vitest";
import { defineComponent, h, nextTick } from "vue";

import type { Project, ProjectStatus, Status } from "@/api/types";
import { errorOf } from "@/api/errors";
import { activity, useProgressMessage } from "@/composables/message";
import { useWords } from "@/composables/words";
import { i18n, speak } from "@/i18n";
import { panelOf, reachable, stepOf } from "@/project/steps";
import { usePreferences } from "@/stores/preferences";
import { aStatus, ended } from "./a";

const states: [ProjectStatus, Status["step"], Partial<Status>, number, string][] = [
  ["DRAFT", "draft", { scriptReady: false, runState: null }, 1, "start"],
  ["GENERATING_SCRIPT", "script", { scriptReady: false, runKind: "script" }, 1, "writing"],
  ["DRAFT", "review", { runState: "done" }, 1, "script"],
  ["GENERATING_AUDIO", "production", {}, 2, "production"],
  ["GENERATING_VIDEO", "production", {}, 2, "production"],
  ["EDITING", "editing", { runState: "done", videoReady: true }, 3, "editing"],
  ["COMPLETED", "completed", { runState: "done", videoReady: true }, 4, "done"],
  ["FAILED", "script", { runState: "failed", runKind: "script", scriptReady: false }, 1, "failed"],
  ["FAILED", "production", { runState: "failed" }, 2, "failed"],
];
test.each(states)("%s at %s %j is step %i and shows %s", (status, step, more, at, panel) => {
  const one = aStatus({ status, step, ...more });
  expect(stepOf(one)).toBe(at);
  expect(panelOf(one, "")).toBe(panel);
});

test("other steps can be gone to only where they have something to show, and not during a run", () => {
  expect(reachable(aStatus())).toEqual([2]);
  expect(reachable(ended())).toEqual([1, 3]);
  expect(panelOf(aStatus(), "script")).toBe("production");
  expect(panelOf(ended(), "script")).toBe("script");
  expect(panelOf(aStatus({ status: "FAILED", runState: "failed" }), "script")).toBe("script");
});

const stage = (name: "voice" | "clip" | "assembly", done: number, total: number) => ({ stage: name, percent: 0, done, total, reused: 0, busySeconds: 0 });
test("a run's doing is told from its stages", () => {
  const seen = { lastSeenAt: "2026-01-01T00:00:00Z" };
  expect(activity(aStatus({ stages: [stage("voice", 0, 3)] })).key).toBe("production_queued");
  expect(activity(aStatus({ ...seen, stages: [stage("voice", 1, 3), stage("clip", 0, 3)] }))).toEqual({ key: "voice_recording", done: 1, total: 3 });
  expect(activity(aStatus({ ...seen, stages: [stage("voice", 3, 3), stage("clip", 2, 3)] }))).toEqual({ key: "clip_rendering", done: 2, total: 3 });
  expect(activity(aStatus({ ...seen, stages: [stage("voice", 3, 3), stage("clip", 3, 3)] })).key).toBe("video_assembling");
});

function within<T>(use: () => T): T {
  let found!: T;
  const pinia = createPinia();
  setActivePinia(pinia);
  mount(defineComponent({ setup: () => ((found = use()), () => h("i")) }), { global: { plugins: [pinia, i18n] } });
  return found;
}

test("the message is the server's in the project's language, and the page's own in another", async () => {
  const status = aStatus({ lastSeenAt: "2026-01-01T00:00:00Z", stages: [stage("voice", 1, 3)] });
  await speak("zh-CN");
  const message = within(() => useProgressMessage(() => status, () => ({ language: "zh-CN" }) as Project));
  expect(message.value).toBe("正在制作画面（0/2）…");
  await speak("en");
  expect(message.value).toBe("Recording the narration (1/3)…");
});

test("spans and reasons are said in the page's language; an unknown reason in the server's words", async () => {
  await speak("zh-CN");
  const words = within(useWords);
  expect([5, 60, 95].map(words.span)).toEqual(["5 秒", "1 分钟", "1 分 35 秒"]);
  expect(words.failure({ code: "voice_timeout", message: "Too long." })).toBe("配音超时，请重试。");
  expect(words.failure({ code: "brand_new", message: "服务器的话" })).toBe("服务器的话");
  await speak("en");
  expect(words.failure({ code: "voice_timeout", message: "配音超时" })).toBe("Recording the narration took too long. Try again.");
});

test("language and theme are kept, and shown on the document", async () => {
  const preferences = within(usePreferences);
  preferences.language = "zh-CN";
  preferences.theme = "dark";
  await nextTick();
  expect(localStorage.getItem("reelay.language")).toBe("zh-CN");
  expect(localStorage.getItem("reelay.theme")).toBe("dark");
  expect(document.documentElement.lang).toBe("zh-CN");
  expect(document.documentElement.classList.contains("dark")).toBe(true);
});

test("what has happened is never said to come, however wrong this device's clock is", async () => {
  await speak("zh-CN");
  const words = within(useWords);
  expect(words.ago(new Date(Date.now() + 5 * 60_000).toISOString())).toBe("刚刚");
  expect(words.ago(new Date(Date.now() - 5 * 60_000).toISOString())).toBe("5分钟前");
});

test.each([[401, "unauthorized"], [403, "refused"], [502, "unavailable"]])("a %i that is not the API's own counts as %s", async (status, code) => {
  expect((await errorOf(new Response("<h1>gateway</h1>", { status }))).code).toBe(code);
});

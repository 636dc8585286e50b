import { mount } from "@vue/test-utils";
import { createPinia } from "pinia";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { timed } from "@/api/client";
import { heard, there } from "@/api/clock";
import type { Project } from "@/api/types";
import RunProgress from "@/components/RunProgress.vue";
import { i18n, speak } from "@/i18n";
import { aStatus } from "./a";

const NOON = Date.parse("2026-11-25T12:00:00Z");
const header = (at: number) => new Date(at).toUTCString();
const ahead = () => there(new Date()) - Date.now();

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
  heard(header(NOON), NOON);
  expect(ahead()).toBe(0);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test.each([
  ["a second behind, as the header tells no less", -1_000, 0],
  ["minutes ahead", 20 * 60_000, 20 * 60_000],
  ["minutes behind", -20 * 60_000, -20 * 60_000],
])("a server that is %s", (_, by, told) => {
  heard(header(NOON + by), NOON);
  expect(ahead()).toBe(told);
});

test("an answer that was long in coming calls no clock wrong: it is dated when it was asked for, or later", () => {
  vi.setSystemTime(NOON + 15_000);
  heard(header(NOON), NOON);
  expect(ahead()).toBe(0);
  heard(header(NOON + 14_000), NOON);
  expect(ahead()).toBe(0);
});

test.each([
  ["ahead", 60_000, 45_000],
  ["behind", -60_000, -60_000],
])("of a server that is %s, such an answer tells the least that it can be", (_, by, told) => {
  vi.setSystemTime(NOON + 15_000);
  heard(header(NOON + by), NOON);
  expect(ahead()).toBe(told);
});

test("what is known of the difference stays while answers agree with it, and goes when the device is set right", () => {
  heard(header(NOON + 60_000), NOON);
  vi.setSystemTime(NOON + 500);
  heard(header(NOON + 59_000), NOON);
  expect(ahead()).toBe(60_000);
  heard(null, NOON);
  heard("no date", NOON);
  expect(ahead()).toBe(60_000);
  heard(header(NOON), NOON);
  expect(ahead()).toBe(0);
});

test("the time that a run has taken is by the clock of the server that answered last", async () => {
  vi.stubGlobal("fetch", async () => new Response("{}", { headers: { Date: header(NOON + 20 * 60_000) } }));
  await timed(1_000)(new Request(location.origin));
  await speak("zh-CN");
  const status = aStatus({ runOpenedAt: "2026-11-25T12:18:30Z" });
  const project = { language: "zh-CN" } as Project;
  const run = mount(RunProgress, { props: { status, project, link: "live", cancelling: false }, global: { plugins: [createPinia(), i18n] } });
  expect(run.text()).toContain("已用时 1 分 30 秒");
});

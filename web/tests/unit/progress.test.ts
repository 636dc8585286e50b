import { mount } from "@vue/test-utils";
import { createPinia } from "pinia";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Project, Status } from "@/api/types";
import RunProgress from "@/components/RunProgress.vue";
import { i18n, speak } from "@/i18n";
import type { Link } from "@/live/follower";
import { aStatus } from "./a";

const NOW = new Date("2026-11-25T10:00:00Z");
beforeEach(async () => {
  await speak("zh-CN");
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => void vi.useRealTimers());

const project = { language: "zh-CN" } as Project;
function shown(change: Partial<Status>, link: Link = "live") {
  const status = aStatus({ runOpenedAt: "2026-11-25T09:58:30Z", lastSeenAt: "2026-11-25T09:59:59Z", ...change });
  const global = { plugins: [createPinia(), i18n] };
  const run = mount(RunProgress, { props: { status, project, link, cancelling: false }, global });
  return { run, says: (part: string) => run.get(`[data-test=${part}]`).text() };
}

test("the hint of the requirements stands until it is known how long it takes, then a range", () => {
  const script: Partial<Status> = { runKind: "script", status: "GENERATING_SCRIPT" };
  expect(shown(script).says("left")).toBe("脚本生成中，请稍候…这可能需要30-60秒");
  expect(shown({ ...script, etaSeconds: { low: 20, high: 75 } }).says("left")).toBe("预计还需 20 秒 到 1 分 15 秒");
  expect(shown({ etaSeconds: { low: 60, high: 60 } }).says("left")).toBe("预计还需约 1 分钟");
});

test.each<[string, Partial<Status>, Link, string]>([
  ["alive", {}, "live", "正在工作"],
  ["waiting", { lastSeenAt: null }, "live", "排队中，等待空闲的工作进程"],
  ["waiting", { lastSeenAt: null, queuedAhead: 4 }, "polling", "排队中，前面还有 4 个任务"],
  ["waiting", {}, "reconnecting", "连接不畅，正在重新连接…"],
  ["waiting", {}, "signedOut", "登录已失效，请重新登录。"],
  ["stalled", { stalled: true }, "live", "工作进程暂时没有动静，正在确认；如已中断会自动接手"],
])("the sign of life is %s at %j by %s, apart from the percent", (kind, change, link, text) => {
  const { run, says } = shown({ progress: 40, ...change }, link);
  expect(says("pulse")).toBe(text);
  expect(run.get("[data-test=pulse]").classes()).toContain(kind);
  expect(run.get("[role=progressbar]").attributes("aria-valuenow")).toBe("40");
});

test("the time so far goes on by the second", async () => {
  const { run } = shown({});
  expect(run.text()).toContain("已用时 1 分 30 秒");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(run.text()).toContain("已用时 1 分 35 秒");
});

// A project's page where a look at the project, or an order, goes wrong.
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { aStatus } from "./a";
import { aProject, away, inReview, json, projectPage } from "./projectpage";

enableAutoUnmount(afterEach);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("what is typed stays where a later look at the project fails, and the look heals by itself", async () => {
  let read = () => json(200, aProject());
  const { page, counted, lookAgain } = await projectPage({ "GET ": () => read(), "GET /status": () => json(200, inReview) });
  await page.get("[data-test=narration]").setValue("");

  read = away;
  await lookAgain();
  await flushPromises();
  expect(page.get<HTMLTextAreaElement>("[data-test=narration]").element.value).toBe("");
  expect(page.get("[data-test=saved]").attributes("data-state")).toBe("incomplete");
  expect(page.find(".lost").exists()).toBe(false);

  read = () => json(200, { ...aProject(), title: "别处起的题目" });
  await later(5_000);
  await flushPromises();
  expect(page.get("[data-test=title]").text()).toBe("别处起的题目");
  const asked = counted("GET ");
  await later(60_000);
  expect(counted("GET ")).toBe(asked);
});

test("a run stays in sight, and can be cancelled, where the project itself can't be read", async () => {
  let read = () => json(200, aProject());
  const { page, lookAgain } = await projectPage({ "GET ": () => read(), "GET /status": () => json(200, aStatus()) });

  read = () => json(401, {});
  await lookAgain();
  await flushPromises();

  expect(page.find("[data-test=cancel]").exists()).toBe(true);
  expect(page.find(".lost").exists()).toBe(false);
});

test("a project that is gone is said to be", async () => {
  let read = () => json(200, aProject());
  const { page, lookAgain } = await projectPage({ "GET ": () => read(), "GET /status": () => json(200, inReview) });

  read = () => json(404, { code: "project_not_found" });
  await lookAgain();
  await flushPromises();

  expect(page.get(".lost").text()).toContain("找不到这个项目");
});

test("an order that is refused shows what it was refused for", async () => {
  let status = aStatus({ status: "FAILED", runState: "failed", pollAfterMs: null });
  const { page } = await projectPage({
    "GET ": () => json(200, aProject()),
    "GET /status": () => json(200, status),
    "POST /retry": () => json(409, { code: "run_active" }),
  });
  status = aStatus({ runId: "r2" });

  await page.get("[data-test=retry]").trigger("click");
  await later(0);
  await flushPromises();

  expect(page.find("[data-test=cancel]").exists()).toBe(true);
});

test("a save that is refused because of a run shows the run, and what was not stored", async () => {
  let status = inReview;
  const { page } = await projectPage({
    "GET ": () => json(200, aProject()),
    "GET /status": () => json(200, status),
    "PUT /script": () => json(409, { code: "run_active" }),
  });
  status = aStatus({ runId: "r2" });

  await page.get("[data-test=narration]").setValue("来不及保存的一句");
  await later(1_000);
  await flushPromises();

  expect(page.find("[data-test=cancel]").exists()).toBe(true);
  await vi.waitFor(() => expect(document.body.textContent).toContain("来不及保存的一句"));
});

test("nothing can be typed while an order is on its way", async () => {
  let answer = (_: Response): void => undefined;
  const { page } = await projectPage({
    "GET ": () => json(200, aProject()),
    "GET /status": () => json(200, inReview),
    "POST /production": () => new Promise<Response>((resolve) => (answer = resolve)),
  });
  const closed = (): boolean => page.get("[data-test=narration]").element.closest("[inert]") !== null;
  expect(closed()).toBe(false);

  await page.get("[data-test=produce]").trigger("click");
  await later(0);
  await flushPromises();
  expect(closed()).toBe(true);
  expect(page.get("[data-test=script-title]").element.closest("[inert]")).not.toBeNull();

  answer(json(409, { code: "wrong_status" }));
  await later(0);
  await flushPromises();
  expect(closed()).toBe(false);
});

test("a result is marked as read when its tab is seen again", async () => {
  const tab = { away: true };
  vi.spyOn(document, "hidden", "get").mockImplementation(() => tab.away);
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => (tab.away ? "hidden" : "visible"));
  const { counted } = await projectPage({
    "GET ": () => json(200, aProject()),
    "GET /status": () => json(200, inReview),
    "GET /api/video-creation/notifications": () => json(200, { items: [{ id: "n1", projectId: "p1", readAt: null }], nextCursor: null }),
    "POST /api/video-creation/notifications/n1/read": () => json(200, {}),
  });
  const READ = "POST /api/video-creation/notifications/n1/read";
  await later(10_000);
  expect(counted(READ)).toBe(0);

  tab.away = false;
  document.dispatchEvent(new Event("visibilitychange"));
  await later(0);
  await flushPromises();
  expect(counted(READ)).toBe(1);
});

// R10, R12: the progress is true and live; nothing is asked after its end.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { accessible, asked, base, browser, call, eventually, everyLook, forget, pause, paused, shot, statusOf, unasked, unique, until, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
beforeEach(unasked);
await forget();
const STATUS = /^\/projects\/[0-9a-f-]{36}\/status$/;

test("step two shows the hint, the place in the queue, the time and a cancel; buttons wait", async () => {
  await paused("script-worker", async () => {
    const { projectId: before } = await call("POST", "/projects", { outline: unique(1), language: "zh-CN" });
    await call("POST", `/projects/${before}/script`, {});
    await call("POST", "/unfinished/dismiss", {});
    const page = await visitor(own);
    await page.goto(`${base}/create`);
    await page.getByText("大纲", { exact: true }).click();
    await page.fill("[data-test=source]", unique(2));
    await page.click("[data-test=start]");
    await page.locator("[data-test=run]").waitFor();
    const { etaSeconds } = await statusOf(page.url().split("/").at(-1));
    const left = etaSeconds ? "预计还需" : "脚本生成中，请稍候…这可能需要30-60秒";
    await page.locator("[data-test=left]").getByText(left, { exact: false }).waitFor();
    await page.locator("[data-test=pulse]").getByText("排队中，前面还有 1 个任务").waitFor();
    await page.locator("[data-test=message]").getByText("已提交，等待生成脚本…").waitFor();
    await page.getByText(/已用时 [2-9] 秒/).waitFor();
    assert.equal(await page.locator("[role=progressbar]").getAttribute("aria-valuenow"), "0");
    await everyLook(page, "script-waiting");

    await page.click("[data-test=cancel]");
    await page.getByRole("button", { name: "继续等待" }).click();
    await page.click("[data-test=cancel]");
    await page.getByRole("button", { name: "取消生成" }).click();
    await page.getByText("脚本生成已取消").waitFor();
    await page.locator("[data-test=write]").click();
    await page.locator("[data-test=run]").waitFor();
    assert.equal(await page.locator("[data-test=write]").count(), 0, "nothing to press twice");
    page.close();
  });
});

test("by the stream: hardly a poll, no percent falls, and nothing is asked after the end", async () => {
  const id = await withScript(unique(1));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=produce]").click();
  await page.locator("[data-test=run]").waitFor();
  const seen = [];
  await eventually(async () => {
    const text = await page.locator("[data-test=percent]").innerText({ timeout: 500 }).catch(() => "");
    if (text) seen.push(Number.parseInt(text, 10));
    return page.locator("[data-test=video]").count();
  }, { within: 90_000 });

  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  assert.ok(new Set(seen).size >= 3, `${seen}`);
  assert.ok(asked(page, "GET", "/events") >= 1);
  assert.ok(asked(page, "GET", STATUS) <= 6, `${asked(page, "GET", STATUS)} polls`);
  await pause(1_500);
  const before = page.asked.filter(([, path]) => STATUS.test(path) || path === "/events").length;
  await pause(5_000);
  assert.equal(page.asked.filter(([, path]) => STATUS.test(path) || path === "/events").length, before);
  assert.deepEqual(page.faults, []);
});

test("a cancel that comes too late is told so, and the result is there", async () => {
  const id = await withScript(unique(1));
  const page = await visitor(own);
  await page.route("**/cancel", async (route) => {
    await until(id, (status) => status.status === "EDITING");
    await route.continue();
  });
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=produce]").click();
  await page.click("[data-test=cancel]");
  await page.getByRole("button", { name: "取消生成" }).click();
  await page.getByText("已经完成了，来不及取消。").first().waitFor({ timeout: 90_000 });
  await page.locator("[data-test=video]").waitFor();
  assert.deepEqual(page.faults, []);
});

test("a worker that goes quiet is shown apart from the percent, and cancel keeps what is finished", async () => {
  const id = await withScript(unique(3));
  const page = await visitor(own, { locale: "en" });
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=produce]").click();
  await page.locator("[data-test=pulse].alive").waitFor({ timeout: 60_000 });
  await until(id, (s) => s.scenes.some((scene) => scene.clip?.state === "done") && s.scenes.some((scene) => scene.clip?.state === "running"));
  await paused("media-worker", async () => {
    await page.locator("[data-state=done] video").first().waitFor();
    await page.locator("[data-test=pulse].stalled").waitFor({ timeout: 40_000 });
    await shot(page, "stalled-en");
    await accessible(page, "stalled");
  });
  await page.click("[data-test=cancel]");
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await page.getByText("Cancelled. What is finished was kept.").waitFor();
  assert.equal((await statusOf(id)).status, "DRAFT");
  await page.locator("[data-test=produce]").click();
  await page.locator("[data-test=reused]").waitFor();
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  assert.deepEqual(page.faults, []);
});

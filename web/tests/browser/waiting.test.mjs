// R10, R12: the progress is true and live; polling goes on through failures and stops at once.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import {
  accessible, asked, base, browser, call, eventually, forget, hidden, pause, paused, shot, statusOf, unasked, unique, until,
  visitor, withoutStream, withScript,
} from "./browser.mjs";

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
    await shot(page, "script-waiting-zh");
    await accessible(page, "script waiting");

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

test("without the stream it polls every three seconds, through failures, and stops on leaving", async () => {
  const id = await withScript(unique(1));
  const page = await visitor(own);
  await withoutStream(page);
  await call("POST", `/projects/${id}/production`, {});
  await paused("media-worker", async () => {
    await page.goto(`${base}/projects/${id}`);
    await page.locator("[data-test=run]").waitFor();
    const times = [];
    page.on("request", (request) => request.url().includes("/status") && times.push(Date.now()));
    await eventually(() => times.length >= 3);
    for (const gap of times.slice(1).map((at, n) => at - times[n])) assert.ok(gap > 2_500 && gap < 5_000, `${gap} ms`);

    let broken = true;
    await page.route("**/status", (route) => (broken ? route.abort("connectionrefused") : route.continue()));
    await page.locator("[data-test=pulse]").filter({ hasText: "正在重新连接" }).waitFor();
    await shot(page, "reconnecting-zh");
    broken = false;
    await eventually(async () => !(await page.locator("[data-test=pulse]").innerText()).includes("重新连接"));

    await hidden(page, true);
    const away = asked(page, "GET", STATUS);
    await pause(7_000);
    assert.ok(asked(page, "GET", STATUS) - away <= 1, "a hidden tab asks every fifteen seconds");
    await hidden(page, false);
    await eventually(() => asked(page, "GET", STATUS) - away >= 2, { within: 2_000 });

    await page.getByRole("link", { name: "我的项目" }).first().click();
    await page.waitForURL("**/projects");
    const left = asked(page, "GET", STATUS);
    await pause(6_500);
    assert.equal(asked(page, "GET", STATUS), left, "a page that was left polls no more");
  });
  await call("POST", `/projects/${id}/cancel`, {});
});

test("a worker that goes quiet is shown apart from the percent, and cancel keeps what is finished", async () => {
  const id = await withScript(unique(3));
  const page = await visitor(own, { locale: "en" });
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=produce]").click();
  await page.locator("[data-test=pulse].alive").waitFor({ timeout: 60_000 });
  await until(id, (s) => s.scenes.some((scene) => scene.clip?.state === "done") && s.scenes.some((scene) => scene.clip?.state === "running"));
  await page.locator("[data-state=done] video").first().waitFor();
  await paused("media-worker", async () => {
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

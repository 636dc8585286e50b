// R14: the end of a run is told once, with a link, wherever the user is.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { accessible, allRead, base, browser, call, eventually, forget, notifiable, pause, paused, shot, statusOf, unasked, unique, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();
await allRead();
beforeEach(unasked);
const toast = (page) => page.locator(".milestone");

test("whoever waits there is taken to the result; whoever is elsewhere gets a link, and no jump", async () => {
  const context = await notifiable(own);
  const page = await visitor(own, { context });
  await page.goto(`${base}/create`);
  assert.equal(await page.evaluate(() => window.requests), 0, "nobody is asked before the first submit");
  await page.getByText("大纲", { exact: true }).click();
  await page.fill("[data-test=source]", unique(1));
  await page.click("[data-test=start]");
  await page.locator("[data-test=scene]").first().waitFor();
  await toast(page).getByText("脚本生成完成").waitFor();
  assert.equal(await page.evaluate(() => window.requests), 1);
  assert.equal(await page.evaluate(() => Notification.permission), "granted");
  assert.deepEqual(await page.evaluate(() => window.told), [], "whoever sees the page is not told beside it");
  const id = page.url().split("/").at(-1);
  await eventually(async () => (await statusOf(id)).notified);

  await page.locator("[data-test=produce]").click();
  await page.locator("[data-test=run]").waitFor();
  await page.getByRole("link", { name: "我的项目" }).first().click();
  await toast(page).getByText("视频制作完成").waitFor({ timeout: 90_000 });
  assert.ok(page.url().endsWith("/projects"), "nobody is torn away from what they do");
  await shot(page, "toast-zh");
  assert.ok((await over(page)) <= 0, "nothing is covered");
  await eventually(async () => /^\(\d\)/.test(await page.title()));
  await toast(page).getByRole("link", { name: "点击查看" }).last().click();
  await page.waitForURL(`**/projects/${id}`);
  await page.locator("[data-test=video]").waitFor();
  await eventually(async () => (await statusOf(id)).notified);
  await eventually(async () => !/^\(\d\)/.test(await page.title()));
  assert.deepEqual(page.faults, []);
});

test("of two open tabs one tells it", async () => {
  const id = await withScript(unique(1));
  const context = await notifiable(own);
  const tabs = [await visitor(own, { context }), await visitor(own, { context })];
  await paused("media-worker", async () => {
    await call("POST", `/projects/${id}/production`, {});
    for (const page of tabs) {
      await page.goto(`${base}/projects/${id}`);
      await page.locator("[data-test=run]").waitFor();
    }
  });
  for (const page of tabs) await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  await pause(3_000);
  const counts = await Promise.all(tabs.map((page) => toast(page).count()));
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 1, `${counts}`);
});

/** What lies over the content, in pixels of width; a toast stands in the free part of the side bar. */
const over = (page) => page.evaluate(() => {
  const content = document.querySelector(".body").getBoundingClientRect();
  return document.querySelector(".milestone").getBoundingClientRect().right - content.left;
});

test("a run that fails while the user is elsewhere is told once of two tabs, with what to do, and kept in the bell", async () => {
  await forget();
  await allRead();
  const context = await notifiable(own);
  const page = await visitor(own, { context });
  const other = await visitor(own, { context });
  await other.goto(`${base}/projects`);
  await page.bringToFront();
  await paused("script-worker", async () => {
    await page.goto(`${base}/create`);
    await page.fill("[data-test=source]", "。。。？！……");
    await page.fill("[data-test=title]", "没有字的文章");
    await page.getByText("中文", { exact: true }).first().click();
    await page.click("[data-test=start]");
    await page.locator("[data-test=run]").waitFor();
    await other.goto(page.url());
    await other.locator("[data-test=run]").waitFor();
    for (const tab of [page, other]) {
      await tab.getByRole("link", { name: "我的项目" }).first().click();
      await tab.waitForURL("**/projects");
    }
  });
  const told = await eventually(async () => {
    const [here, there] = [await toast(page).count(), await toast(other).count()];
    return here ? page : there ? other : undefined;
  });
  await toast(told).getByText("制作失败").waitFor();
  await toast(told).getByText("《没有字的文章》：没有可以写成脚本的文字。请换一篇内容", { exact: false }).waitFor();
  assert.ok(told.url().endsWith("/projects"));
  await pause(2_000);
  assert.equal((await toast(page).count()) + (await toast(other).count()), 1, "one tab tells it");
  assert.ok((await over(told)) <= 0, `${await over(told)} px of the content are covered`);
  await shot(told, "toast-failed-zh");
  await accessible(told, "the toast of a failure");
  await toast(told).getByRole("link", { name: "点击查看" }).click();
  await told.locator("[data-test=failed]").waitFor();
  await toast(told).waitFor({ state: "detached" });

  const elsewhere = await visitor(own);
  await elsewhere.goto(`${base}/projects`);
  await elsewhere.click("[data-test=bell]");
  const newest = elsewhere.locator(".bell-list .notice").first();
  await newest.getByText("制作失败").waitFor();
  await newest.getByText("没有可以写成脚本的文字", { exact: false }).waitFor();
  assert.equal(await toast(elsewhere).count(), 0, "what was told is not told again");
  await elsewhere.click("[data-test=bell]");
  await elsewhere.locator(".bell-list").waitFor({ state: "hidden" });
  assert.deepEqual([page.faults, other.faults], [[], []]);
});

// The list: pictures, status, filters in the address, pages, renamed, deleted, brought back.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, base, browser, call, eventually, everyLook, forget, paused, shot, unique, visitor, withScript, withVideo } from "./browser.mjs";

const own = await browser();
after(() => own.close());

test("an empty list starts the example", async () => {
  await forget();
  const page = await visitor(own, { locale: "en" });
  await page.goto(`${base}/projects`);
  await page.locator("[data-test=empty]").waitFor();
  await shot(page, "empty-en");
  await accessible(page, "empty");
  await page.click("[data-test=start-example]");
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
  await page.locator("[data-test=scene]").first().waitFor();
  assert.deepEqual(page.faults, []);
});

test("filters and search stand in the address; rename, delete and undo are kept", async () => {
  await forget();
  await withVideo();
  const script = await withScript(undefined, { title: "待确认的稿子" });
  await call("POST", "/projects", { topic: "还没开始的主题" });
  const page = await visitor(own);
  await page.goto(`${base}/projects`);
  const cards = page.locator("[data-test=projects] > li");
  await eventually(async () => (await cards.count()) === 3);
  await eventually(() => cards.locator("img").first().evaluate((image) => image.naturalWidth > 0));
  await everyLook(page, "projects");

  await page.selectOption("[data-test=filter]", "EDITING");
  await eventually(async () => (await cards.count()) === 1);
  assert.ok(page.url().includes("status=EDITING"));
  await page.reload();
  await eventually(async () => (await cards.count()) === 1);
  await page.selectOption("[data-test=filter]", "");
  await page.fill("[data-test=search]", "稿子");
  await eventually(async () => (await cards.count()) === 1 && decodeURIComponent(page.url()).includes("q=稿子"));

  await page.locator("[data-test=menu]").click();
  await page.locator("[data-test=rename]").click();
  await page.getByRole("textbox").last().fill("改了名的稿子");
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText("改了名的稿子").waitFor();
  assert.equal((await call("GET", `/projects/${script}`)).title, "改了名的稿子");
  await page.locator("[data-test=menu]").click();
  await page.locator("[data-test=delete]").click();
  await page.getByText("已删除《改了名的稿子》").waitFor();
  await eventually(async () => (await cards.count()) === 0);
  await page.getByRole("button", { name: "撤销" }).click();
  await eventually(async () => (await cards.count()) === 1);
  assert.equal((await call("GET", `/projects/${script}`)).status, "DRAFT");
  assert.deepEqual(page.faults, []);
});

test("a project at work shows how far it is, and the list goes on with it", async () => {
  await forget();
  const page = await visitor(own);
  const { projectId } = await call("POST", "/projects", { outline: unique(1), language: "zh-CN" });
  const card = page.locator(`[data-project="${projectId}"]`);
  await paused("script-worker", async () => {
    await call("POST", `/projects/${projectId}/script`, {});
    await page.goto(`${base}/projects`);
    await card.getByText("生成脚本中 0%").waitFor();
    assert.equal(await card.getByRole("progressbar").getAttribute("aria-valuenow"), "0");
    await card.getByText("刚刚").waitFor();
  });
  await card.getByText("脚本待确认").waitFor();
});

test("more projects than a page holds come as they are scrolled to, and a search finds the last", async () => {
  await forget();
  for (let n = 0; n < 30; n += 1) await call("POST", "/projects", { topic: `第 ${n} 个主题`, title: `题目 ${n} 号` });
  const page = await visitor(own);
  await page.goto(`${base}/projects`);
  const cards = page.locator("[data-test=projects] > li");
  await eventually(async () => (await cards.count()) >= 24);
  await page.mouse.wheel(0, 20_000);
  await eventually(async () => (await cards.count()) === 30);
  await page.goto(`${base}/projects?q=题目 0 号`);
  await eventually(async () => (await cards.count()) === 1);
  await forget();
});

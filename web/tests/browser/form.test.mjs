// R11: 新媒体中心 → 视频创作, the form with its checks, 开始创作 opens step 2.
import assert from "node:assert/strict";
import { writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { accessible, asked, base, browser, call, eventually, everyLook, forget, SHORT, shot, unasked, visitor } from "./browser.mjs";

const own = await browser();
after(() => own.close());
beforeEach(unasked);
await forget();

test("the form checks in place with the API's limits, and opens step two", async () => {
  const page = await visitor(own);
  await page.goto(base);
  await page.waitForURL("**/create");
  await page.getByText("新媒体中心").first().waitFor();
  assert.equal(await page.getByRole("link", { name: "视频创作" }).getAttribute("aria-current"), "page");

  await page.click("[data-test=start]");
  await page.getByText("请先贴上一篇文章。").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "source-text");
  await page.fill("[data-test=source]", "字".repeat(20_001));
  await page.getByText("最多 20000 个字", { exact: false }).waitFor();
  await page.getByText("20,001 / 20,000 字").waitFor();
  await page.click("[data-test=start]");
  await page.getByText("主题", { exact: true }).click();
  await page.fill("[data-test=source]", "题".repeat(501));
  await page.getByText("最多 500 个字", { exact: false }).waitFor();
  assert.equal(asked(page, "POST", "/projects"), 0, "nothing wrong is sent");

  await page.getByText("文章", { exact: true }).click();
  await page.fill("[data-test=source]", SHORT);
  await page.fill("[data-test=title]", "城市雨水");
  const sound = page.waitForResponse((answer) => answer.url().endsWith(".wav") && answer.ok());
  await page.locator("[data-test=hear]").first().click();
  await sound;
  await page.getByRole("button", { name: "停止试听", exact: false }).click();
  await page.getByText("9:16").click();
  await page.getByRole("button", { name: "30 秒", exact: true }).click();
  await everyLook(page, "form", { full: true });
  await page.click("[data-test=start]");

  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
  await page.getByRole("heading", { name: "城市雨水" }).waitFor();
  assert.equal(await page.locator("[aria-current=step]").innerText().then((text) => text.includes("脚本")), true);
  await page.locator("[data-test=scene]").first().waitFor();
  assert.equal(asked(page, "POST", "/projects"), 1);
  assert.equal(asked(page, "POST", /\/script$/), 1);
  const { title, aspect, targetSeconds, source } = await call("GET", `/projects/${page.url().split("/").at(-1)}`);
  assert.deepEqual([title, aspect, targetSeconds, source.kind, source.text], ["城市雨水", "9:16", 30, "article", SHORT]);
  await page.getByRole("link", { name: "视频创作" }).click();
  assert.equal(await page.inputValue("[data-test=source]"), "", "a submitted form is empty again");
  assert.deepEqual(page.faults, []);
});

test("a topic is enough, and its kind and language are kept", async () => {
  const page = await visitor(own);
  await page.goto(`${base}/create`);
  await page.getByText("主题", { exact: true }).click();
  await page.fill("[data-test=source]", "Rain gardens");
  await page.getByText("English", { exact: true }).click();
  await page.click("[data-test=start]");
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
  const { source, language } = await call("GET", `/projects/${page.url().split("/").at(-1)}`);
  assert.deepEqual([source.kind, source.text, language], ["topic", "Rain gardens", "en"]);
  await page.locator("[data-test=scene]").first().waitFor();
  assert.deepEqual(page.faults, []);
});

test("a file can be dropped", async () => {
  const page = await visitor(own);
  await page.goto(`${base}/create`);
  await page.locator("[data-test=source]").waitFor();
  const dataTransfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["掉进来的文章。"], "article.md", { type: "text/markdown" }));
    return transfer;
  });
  await page.dispatchEvent("[data-test=source]", "drop", { dataTransfer });
  await eventually(async () => (await page.inputValue("[data-test=source]")) === "掉进来的文章。");
});

test("a file can be chosen, in the encodings that Chinese editors write; what is typed survives a refresh", async () => {
  const page = await visitor(own);
  await page.goto(`${base}/create`);
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  const gbk = join(folder, "old.txt");
  writeFileSync(gbk, Buffer.from([0xd6, 0xd0, 0xce, 0xc4])); // 中文 in GB18030
  const binary = join(folder, "not.txt");
  writeFileSync(binary, Buffer.from([0, 1, 2, 0]));

  await page.setInputFiles("input[type=file]", gbk);
  await eventually(async () => (await page.inputValue("[data-test=source]")) === "中文");
  await page.setInputFiles("input[type=file]", binary);
  await page.getByText("这不是文本文件", { exact: false }).waitFor();
  await page.reload();
  await eventually(async () => (await page.inputValue("[data-test=source]")) === "中文");
  assert.deepEqual(page.faults, []);
});

test("a double click submits once, and a lost answer does not make two projects", async () => {
  const page = await visitor(own);
  await page.goto(`${base}/create`);
  await page.fill("[data-test=source]", SHORT);
  const keys = [];
  await page.route("**/projects", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    keys.push(route.request().headers()["idempotency-key"]);
    const answer = await route.fetch();
    if (keys.length === 1) return route.abort("connectionreset");
    return route.fulfill({ response: answer });
  });

  await page.dblclick("[data-test=start]");
  await page.getByRole("alert").filter({ hasText: "连接不上服务器" }).waitFor();
  await page.click("[data-test=start]");
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);

  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
});

test("the page speaks English, and remembers it with the theme", async () => {
  const page = await visitor(own, { locale: "en-GB", dark: true });
  await page.goto(`${base}/create`);
  await page.getByRole("heading", { level: 1, name: "Turn a text into a video" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.classList.contains("dark")), true);
  await shot(page, "form-fresh-en-dark");
  await accessible(page, "form in English, dark");
  await page.click("[data-test=language]");
  await page.click("[data-test=theme]");
  await page.getByRole("heading", { level: 1, name: "把一篇文字，变成一支视频" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "把一篇文字，变成一支视频" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.classList.contains("dark")), false);
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
  assert.deepEqual(page.faults, []);
});

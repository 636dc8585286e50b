// 360 px to 4K, by keyboard alone, without motion, in both themes and languages.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { accessible, base, browser, eventually, fits, forget, shot, statusOf, unasked, unique, visitor, withScript, withVideo } from "./browser.mjs";

const own = await browser();
after(() => own.close());
beforeEach(unasked);
await forget();
const script = await withScript();
const video = await withVideo();
const PAGES = { create: "[data-test=start]", projects: "[data-test=projects] > li", [`projects/${script}`]: "[data-test=scene]", [`projects/${video}`]: "[data-test=video]" };

test("nothing is wider than its screen", async () => {
  for (const [width, height] of [[360, 740], [768, 1024], [1440, 900], [3840, 2160]]) {
    const page = await visitor(own, { width, height, dark: width === 768, locale: width === 1440 ? "en" : "zh-CN" });
    for (const [path, what] of Object.entries(PAGES)) {
      await page.goto(`${base}/${path}`);
      await page.locator(what).first().waitFor();
      await fits(page, path);
      await shot(page, `${width}-${path.replace(/\/.*/, path.includes(video) ? "-video" : path.includes("/") ? "-script" : "")}`);
      if (width === 360 || width === 768) await accessible(page, `${path} at ${width}`);
    }
    await page.context().close();
  }
});

test("the menu of a narrow screen opens, goes somewhere and closes", async () => {
  const page = await visitor(own, { width: 390, height: 800 });
  await page.goto(`${base}/create`);
  await page.getByRole("button", { name: "打开菜单" }).click();
  const menu = page.getByRole("dialog");
  await menu.waitFor();
  await shot(page, "390-menu");
  await menu.getByRole("link", { name: "我的项目" }).click();
  await page.waitForURL("**/projects");
  await menu.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "打开菜单" }).click();
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "detached" });
  assert.deepEqual(page.faults, []);
});

test("by keyboard alone a text is submitted, and a scene moved", async () => {
  const page = await visitor(own);
  await page.goto(`${base}/create`);
  await page.locator("[data-test=start]").waitFor();
  const at = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.dataset?.test || document.activeElement?.textContent?.trim());
  await page.keyboard.press("Tab");
  assert.equal(await at(), "跳到正文");
  await page.keyboard.press("Enter");
  for (let n = 0; n < 12 && (await at()) !== "source-text"; n += 1) await page.keyboard.press("Tab");
  assert.equal(await at(), "source-text");
  await page.keyboard.type("用键盘也能做视频。这是第二句话，讲一点别的内容。");
  for (let n = 0; n < 40 && (await at()) !== "start"; n += 1) await page.keyboard.press("Tab");
  assert.equal(await at(), "start");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);

  await page.goto(`${base}/projects/${script}`);
  const fields = page.locator("[data-test=narration]");
  await fields.nth(1).waitFor();
  const second = await fields.nth(1).inputValue();
  await fields.nth(1).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await eventually(async () => (await fields.nth(0).inputValue()) === second);
  assert.equal(await page.evaluate(() => document.activeElement.value), second, "the focus stays with its scene");
});

test("by keyboard alone a script is confirmed, its run cancelled, and a video accepted", async () => {
  const page = await visitor(own);
  const tabTo = async (what) => {
    const there = () => page.evaluate((name) => document.activeElement?.dataset?.test === name, what);
    for (let n = 0; n < 120 && !(await there()); n += 1) await page.keyboard.press("Tab");
    assert.ok(await there(), `${what} can't be reached`);
  };
  const id = await withScript(unique(3));
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=scene]").nth(2).waitFor();
  await tabTo("produce");
  await page.keyboard.press("Enter");
  await page.locator("[data-test=run]").waitFor();
  await tabTo("cancel");
  await page.keyboard.press("Enter");
  await page.getByText("取消这次生成？").waitFor();
  await page.keyboard.press("Enter");
  await eventually(async () => (await statusOf(id)).runState === "cancelled");

  await page.goto(`${base}/projects/${video}`);
  await page.locator("[data-test=video]").waitFor();
  await tabTo("complete");
  await page.keyboard.press("Enter");
  await page.locator("[data-test=done]").waitFor();
});

test("who wants less motion gets none", async () => {
  const page = await visitor(own, { reduced: true });
  await page.goto(`${base}/projects`);
  await page.locator("[data-test=projects] > li").first().waitFor();
  const longest = await page.evaluate(() =>
    Math.max(...[...document.querySelectorAll("*")].map((one) => {
      const style = getComputedStyle(one);
      return Math.max(Number.parseFloat(style.transitionDuration), Number.parseFloat(style.animationDuration));
    })));
  assert.ok(longest <= 0.001, `${longest} s`);
});

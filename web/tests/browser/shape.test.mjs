// 360 px to 4K.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { accessible, base, browser, fits, forget, shot, unasked, visitor, withScript, withVideo } from "./browser.mjs";

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

// By keyboard alone: a script is confirmed, a run cancelled, tried again, changed, accepted.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { base, browser, eventually, forget, paused, statusOf, unique, visitor, withScript, withVideo } from "./browser.mjs";
import { asksAndLetsGo, gets, tabTo } from "./hands.mjs";

const own = await browser();
after(() => own.close());
const DIALOG = ".el-message-box";

test("an unknown outcome is tried again", async () => {
  const id = process.env.UNKNOWN_PROJECT;
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=retry]").waitFor();
  await tabTo(page, "[data-test=retry]");
  await asksAndLetsGo(page, "[data-test=retry]", DIALOG);
  await page.keyboard.press("Enter");
  await page.locator(DIALOG).waitFor();
  await page.keyboard.press("Enter");
  await gets(page, "#main");
  await eventually(async () => (await statusOf(id)).status !== "FAILED");
  assert.deepEqual(page.faults, []);
});

test("a script is confirmed and its run cancelled", async () => {
  await forget();
  const id = await withScript(unique(2));
  const page = await visitor(own);
  await paused("media-worker", async () => {
    await page.goto(`${base}/projects/${id}`);
    await page.locator("[data-test=scene]").nth(1).waitFor();
    await tabTo(page, "[data-test=produce]");
    await page.keyboard.press("Enter");
    await page.locator("[data-test=run]").waitFor();
    await gets(page, "#main");
    await tabTo(page, "[data-test=cancel]");
    await asksAndLetsGo(page, "[data-test=cancel]", DIALOG);
    await page.keyboard.press("Space");
    await page.getByText("取消这次生成？").waitFor();
    await page.keyboard.press("Enter");
    await eventually(async () => (await statusOf(id)).runState === "cancelled");
    await page.locator("[data-test=scene]").first().waitFor();
    await gets(page, "#main");
  });
  assert.deepEqual(page.faults, []);
});

test("a sentence is changed beside the video, and the video accepted as it is", async () => {
  await forget();
  const id = await withVideo(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=video]").waitFor();
  await tabTo(page, "li:nth-child(2) [data-test=edit-scene]");
  await page.keyboard.press("Enter");
  await gets(page, "[data-test=narration]");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("键盘换的一句。");
  await page.locator("[data-test=saved][data-state=saved]").waitFor();
  await page.locator("[data-test=stale]").waitFor();
  await tabTo(page, "[data-test=undo]");
  await page.keyboard.press("Enter");
  await eventually(async () => (await page.locator("[data-test=narration]").inputValue()) !== "键盘换的一句。");
  await gets(page, "li:nth-child(2) [data-test=narration]");
  await page.keyboard.type("再换。");
  await page.locator("[data-test=saved]:not([data-state=saved])").waitFor();
  await page.locator("[data-test=saved][data-state=saved]").waitFor();

  await tabTo(page, "[data-test=complete]", "Shift+Tab");
  await asksAndLetsGo(page, "[data-test=complete]", DIALOG);
  await page.keyboard.press("Enter");
  await page.locator(DIALOG).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("[data-test=done]").waitFor();
  await gets(page, "#main");
  assert.deepEqual(page.faults, []);
});

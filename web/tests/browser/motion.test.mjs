// Who wants less motion gets none: in the list, and while a run goes on.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { base, browser, eventually, forget, paused, shot, unasked, unique, until, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
beforeEach(unasked);
await forget();

/** From now on the page notes whatever moves for longer than a blink, at every frame. */
const watched = (page) => page.evaluate(() => {
  window.moved = {};
  const look = () => {
    for (const one of document.getAnimations()) {
      const { duration, iterations } = one.effect.getComputedTiming();
      if (duration * iterations > 1) window.moved[one.animationName ?? one.transitionProperty] = duration;
    }
    requestAnimationFrame(look);
  };
  look();
});
const moved = (page) => page.evaluate(() => Object.keys(window.moved).sort());

/** A production from its first percent to the video, watched all the way. */
async function produced(options) {
  const id = await withScript(unique(2));
  const page = await visitor(own, options);
  await paused("media-worker", async () => {
    await page.goto(`${base}/projects/${id}`);
    await page.locator("[data-test=scene]").first().waitFor();
    await watched(page);
    await page.click("[data-test=produce]");
    await page.locator("[data-test=run]").waitFor();
  });
  await page.locator("[data-test=pulse].alive").waitFor();
  await until(id, (s) => s.scenes.some((scene) => scene.clip?.state === "done"));
  await paused("media-worker", () => shot(page, options.reduced ? "running-still-zh" : "running-zh"));
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  assert.deepEqual(page.faults, []);
  return moved(page);
}

test("a run moves: its bar glides and its sign of life beats", async () => {
  const found = await produced({ reduced: false });
  for (const name of [/^(inline-size|width)$/, /^sheen/, /^alive/]) assert.ok(found.some((one) => name.test(one)), `${name} of ${found}`);
});

test("who wants less motion sees the same run without any", async () => {
  assert.deepEqual(await produced({ reduced: true }), []);
});

test("who wants less motion gets none in the list and its menus", async () => {
  const page = await visitor(own, { reduced: true });
  await page.goto(`${base}/projects`);
  await page.locator("[data-test=projects] > li").first().waitFor();
  await watched(page);
  await page.locator("[data-test=menu]").first().click();
  await page.getByRole("menuitem", { name: "重命名" }).click();
  await page.getByRole("dialog").getByRole("textbox").waitFor();
  await page.keyboard.press("Escape");
  await page.click("[data-test=bell]");
  await eventually(() => page.locator(".bell-list").isVisible());
  assert.deepEqual(await moved(page), []);
});

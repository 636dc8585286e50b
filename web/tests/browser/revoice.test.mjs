// A finished video gets another voice: every scene is spoken anew, and the new video takes the old one's place.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { base, browser, call, eventually, forget, statusOf, unique, visitor, withVideo } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();

test("another voice is chosen beside the video, what that costs is said, and it is the one that is heard", async () => {
  const id = await withVideo(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const source = page.locator("[data-test=video] source");
  await source.waitFor({ state: "attached" });
  const old = await source.getAttribute("src");

  await page.locator("#other-voice").selectOption(process.env.OTHER_VOICE);
  await page.getByRole("button", { name: "重新制作：2 段中的 2 段" }).click();

  await page.getByText("共 2 段，需要制作 2 段").waitFor();
  await eventually(async () => (await statusOf(id)).status === "EDITING", { within: 90_000 });
  await eventually(async () => (await source.getAttribute("src")) !== old);
  assert.equal(await page.locator("[data-test=stale]").count(), 0);
  assert.equal((await call("GET", `/projects/${id}`)).voice, process.env.OTHER_VOICE);
  assert.deepEqual(page.faults, []);
});

// Leaving the script: for another step, another project or another page, no word is lost unseen.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, base, browser, call, forget, shot, unique, visitor, withVideo } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();
const stored = async (id) => (await call("GET", `/projects/${id}`)).script;

test("words go nowhere with a step of the bar, a link or the way out: stored, or the user says so", async () => {
  const id = await withVideo(unique(1));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}?step=script`);
  const field = page.locator("[data-test=narration]").first();
  await field.fill("写完马上去看视频。");
  await page.getByRole("navigation").getByRole("button", { name: "剪辑" }).click();
  await page.locator("[data-test=video]").waitFor();
  assert.equal((await stored(id)).scenes[0].narration, "写完马上去看视频。");

  await page.goto(`${base}/projects/${id}?step=script`);
  await field.fill("");
  await page.locator("[data-test=saved][data-state=incomplete]").waitFor();
  const question = page.getByRole("dialog", { name: "不保存就离开？" });
  await page.getByRole("navigation").getByRole("button", { name: "剪辑" }).click();
  await question.waitFor();
  await shot(page, "unsaved-zh");
  await accessible(page, "unsaved");
  await question.getByRole("button", { name: "留在这里" }).click();
  await question.waitFor({ state: "hidden" });
  assert.equal(await field.inputValue(), "");
  assert.ok(page.url().endsWith("?step=script"));
  await page.getByRole("link", { name: "我的项目" }).first().click();
  await question.getByRole("button", { name: "不保存，离开" }).click();
  await page.waitForURL("**/projects");
  assert.equal((await stored(id)).scenes[0].narration, "写完马上去看视频。");
  assert.deepEqual(page.faults, []);
});

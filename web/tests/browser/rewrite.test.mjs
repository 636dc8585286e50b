// With a language model as the writer: one scene is written again as the user wishes, the others stay.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, base, browser, call, eventually, shot, SHORT, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
const stored = async (id) => (await call("GET", `/projects/${id}`)).script;

test("a scene is rewritten as it was wished, and nothing else", async () => {
  const id = await withScript(undefined, { outline: undefined, article: SHORT });
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scenes = page.locator("[data-test=scene]");
  await scenes.nth(1).waitFor();
  const before = await stored(id);

  await scenes.nth(1).locator("[data-test=rewrite-scene]").click();
  await page.getByRole("dialog").getByText("改写第 2 段").waitFor();
  await shot(page, "rewrite-zh");
  await accessible(page, "rewrite");
  await page.getByRole("button", { name: "取消" }).click();
  assert.deepEqual(await stored(id), before, "nothing is written that was not asked for");
  await scenes.nth(1).locator("[data-test=rewrite-scene]").click();
  await page.getByRole("dialog").getByRole("textbox").fill("像讲给孩子听");
  await page.getByRole("dialog").getByRole("button", { name: "改写" }).click();

  await eventually(async () => (await stored(id)).scenes[1].narration === "雨水先存起来，再慢慢放走。");
  const rewritten = await stored(id);
  assert.deepEqual(rewritten.scenes.map((scene) => scene.id), before.scenes.map((scene) => scene.id));
  assert.deepEqual(rewritten.scenes[0], before.scenes[0]);
  await eventually(async () => (await scenes.nth(1).locator("[data-test=narration]").inputValue()) === "雨水先存起来，再慢慢放走。");

  await scenes.nth(0).locator("[data-test=shorten]").click();
  await eventually(async () => (await stored(id)).scenes[0].narration !== before.scenes[0].narration);
  assert.deepEqual(page.faults, []);
});

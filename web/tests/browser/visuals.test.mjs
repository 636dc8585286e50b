// Pictures and footage that a provider makes: asked for on a scene's card, seen while they are made.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, base, browser, call, eventually, everyLook, forget, paused, shot, unique, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();
const cards = async (id) => (await call("GET", `/projects/${id}`)).script.scenes.map((scene) => scene.card);

test("a picture and footage are described on their cards, made, and asked for once more", async () => {
  const id = await withScript(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scenes = page.locator("[data-test=scene]");
  const prompt = (scene) => scene.getByLabel("按描述生成");
  await scenes.nth(1).waitFor();
  await scenes.nth(0).getByLabel("画面卡片").selectOption("picture");
  await prompt(scenes.nth(0)).fill("雨后的花园");
  await scenes.nth(1).getByLabel("画面卡片").selectOption("footage");
  await prompt(scenes.nth(1)).fill("雨落在街道上");
  await scenes.nth(1).getByLabel("位置").selectOption("panel");
  await scenes.nth(1).getByLabel("播完之后").selectOption("hold");
  await eventually(async () => (await cards(id))[1].ending === "hold");
  const [picture, footage] = await cards(id);
  assert.deepEqual([picture.kind, picture.prompt, picture.take], ["picture", "雨后的花园", 0]);
  assert.deepEqual([footage.kind, footage.prompt, footage.frame], ["footage", "雨落在街道上", "panel"]);
  await everyLook(page, "prompts");

  await page.locator("[data-test=produce]").click();
  await page.locator("[data-stage=visual]").waitFor();
  await page.locator("[data-stage=visual]").getByText("2/2").waitFor({ timeout: 60_000 });
  await paused("media-worker", () => shot(page, "production-visuals-zh"));
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });

  await page.locator("[data-test=edit-scene]").first().click();
  await page.locator("[data-test=another-take]").click();
  await page.getByRole("button", { name: "重新制作：2 段中的 1 段" }).waitFor();
  assert.equal((await cards(id))[0].take, 1);
  await shot(page, "another-take-zh");
  await accessible(page, "another take");
  assert.deepEqual(page.faults, []);
});

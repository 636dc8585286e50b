// The script step: an editable list, saved as it is typed, never written over another hand's work.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, base, browser, call, eventually, everyLook, fitsSmall, forget, shot, unique, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();
const saved = (page) => page.locator("[data-test=saved][data-state=saved]").waitFor();
const stored = async (id) => (await call("GET", `/projects/${id}`)).script;

test("scenes are changed, added, moved, removed and taken back, and everything is stored", async () => {
  const id = await withScript(unique(3));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scenes = page.locator("[data-test=scene]");
  await scenes.nth(2).waitFor();
  await page.getByText(/共 3 段，约 \d+ 秒（目标 15 秒）/).waitFor();
  await everyLook(page, "script");

  await scenes.nth(0).locator("[data-test=narration]").fill("第一句改过了。");
  await page.locator("[data-test=saved]:not([data-state=saved])").waitFor();
  await saved(page);
  assert.equal((await stored(id)).scenes[0].narration, "第一句改过了。");
  await scenes.nth(0).getByText("7 字", { exact: false }).waitFor();
  await scenes.nth(0).getByLabel("画面标题").fill("另起的标题");
  await eventually(async () => (await stored(id)).scenes[0].heading === "另起的标题");

  await page.getByRole("button", { name: "在第 1 段之后添加" }).click();
  await page.locator("[data-test=saved][data-state=incomplete]").waitFor();
  assert.equal(await page.locator("[data-test=produce]").isDisabled(), true);
  await page.keyboard.type("新的一段，写在中间。");
  await saved(page);
  await page.getByRole("button", { name: "第 2 段上移" }).click();
  await saved(page);
  await eventually(async () => (await stored(id)).scenes.map((scene) => scene.narration)[0] === "新的一段，写在中间。");

  await scenes.nth(1).locator("select").selectOption("number");
  await scenes.nth(1).getByLabel("数字", { exact: true }).fill("40%");
  await saved(page);
  await scenes.nth(3).locator("[data-test=remove]").click();
  await saved(page);
  assert.equal((await stored(id)).scenes.length, 3);
  await page.click("[data-test=undo]");
  await saved(page);
  await eventually(async () => (await stored(id)).scenes.length === 4);
  const { kind, value } = (await stored(id)).scenes[1].card;
  assert.deepEqual([kind, value], ["number", "40%"]);
  await page.reload();
  await scenes.nth(3).waitFor();
  assert.equal(await scenes.nth(0).locator("[data-test=narration]").inputValue(), "新的一段，写在中间。");
  assert.equal(await scenes.nth(1).getByLabel("画面标题").inputValue(), "另起的标题");
  assert.deepEqual(page.faults, []);
});

test("another tab's change is shown, and nothing is overwritten until the user chooses", async () => {
  const id = await withScript(unique(2));
  const [mine, theirs] = [await visitor(own), await visitor(own)];
  for (const page of [mine, theirs]) {
    await page.goto(`${base}/projects/${id}`);
    await page.locator("[data-test=scene]").nth(1).waitFor();
  }
  const field = (page) => page.locator("[data-test=narration]").first();
  await field(theirs).fill("另一处写的句子。");
  await saved(theirs);

  await field(mine).fill("我写的句子。");
  await mine.locator("[data-test=conflict]").getByText("另一处写的句子。").waitFor();
  await everyLook(mine, "conflict");
  await fitsSmall(mine, "conflict");
  assert.equal((await stored(id)).scenes[0].narration, "另一处写的句子。");
  assert.equal(await mine.locator("[data-test=produce]").isDisabled(), true);
  await mine.getByRole("button", { name: "使用对方的版本" }).click();
  assert.equal(await field(mine).inputValue(), "另一处写的句子。");

  await field(theirs).fill("另一处又写了。");
  await saved(theirs);
  await field(mine).fill("这次用我的。");
  await mine.getByRole("button", { name: "保留我的修改" }).click();
  await saved(mine);
  assert.equal((await stored(id)).scenes[0].narration, "这次用我的。");
});

test("voice and look are changed at the script, between sentences, without a conflict with oneself", async () => {
  const id = await withScript(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=scene]").nth(1).waitFor();
  await page.locator("[data-test=video-fields] summary").click();
  const field = page.locator("[data-test=narration]").first();
  await field.fill("先写了一句，");
  await page.locator("#other-theme").selectOption("paper");
  await field.fill("先写了一句，再接着写。");
  await page.locator("#other-speed").selectOption("1.25");
  await saved(page);

  await eventually(async () => (await stored(id)).scenes[0].narration === "先写了一句，再接着写。");
  const { theme, speed } = await call("GET", `/projects/${id}`);
  assert.deepEqual([theme, speed], ["paper", 1.25]);
  assert.equal(await page.locator("[data-test=conflict]").count(), 0);
  await shot(page, "script-look-zh");
  await accessible(page, "the whole video's settings");
  await page.getByRole("button", { name: "确认脚本，制作 2 段" }).waitFor();
  await page.reload();
  await page.locator("[data-test=video-fields] summary").getByText("1.25 倍", { exact: false }).waitFor();
  assert.deepEqual(page.faults, []);
});

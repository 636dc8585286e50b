// One scene seen before anything is made, shortened, shown with a picture of one's own.
import assert from "node:assert/strict";
import { mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { accessible, asked, base, browser, call, eventually, forget, paused, shot, statusOf, unique, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();
const folder = mkdtempSync(join(tmpdir(), "page-"));
const saved = (page) => page.locator("[data-test=saved][data-state=saved]").waitFor();
const stored = async (id) => (await call("GET", `/projects/${id}`)).script;
const preview = (page, state) => page.locator(`[data-test=preview][data-state=${state}]`);

/** A picture as a browser makes one. */
async function aPicture(page) {
  const url = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 400 });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#2a7";
    pen.fillRect(0, 0, 640, 400);
    pen.fillStyle = "#fd6";
    pen.fillRect(80, 80, 200, 240);
    return canvas.toDataURL("image/jpeg");
  });
  const path = join(folder, "garden.jpg");
  writeFileSync(path, Buffer.from(url.split(",")[1], "base64"));
  return path;
}

test("a scene is seen as it is written, without a run, and again at once", async () => {
  const id = await withScript(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scenes = page.locator("[data-test=scene]");
  await scenes.nth(1).waitFor();
  const before = (await statusOf(id)).runId;
  await scenes.nth(0).locator("[data-test=narration]").fill("刚刚写下的一句，马上就能看到。");

  await scenes.nth(0).locator("[data-test=preview-scene]").click();
  await preview(page, "making").waitFor();
  await shot(page, "preview-making-zh");
  await preview(page, "ready").waitFor();
  const video = page.locator("[data-test=preview] video");
  await eventually(() => video.evaluate((one) => one.readyState >= 2 && one.videoWidth > 0));
  assert.ok((await video.evaluate((one) => one.duration)) > 2);
  await shot(page, "preview-zh");
  await accessible(page, "preview");
  assert.equal((await stored(id)).scenes[0].narration, "刚刚写下的一句，马上就能看到。", "what is seen is saved");
  const status = await statusOf(id);
  assert.deepEqual([status.runId, status.runState === "active", status.videoReady], [before, false, false]);

  await page.keyboard.press("Escape");
  await page.locator("[data-test=preview]").waitFor({ state: "detached" });
  const waits = asked(page, "GET", /preview$/);
  await scenes.nth(0).locator("[data-test=preview-scene]").click();
  await preview(page, "ready").waitFor();
  assert.equal(asked(page, "GET", /preview$/), waits, "it was there");
  assert.deepEqual(page.faults, []);
});

test("a preview that is left or slow stops nothing", async () => {
  const id = await withScript(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scenes = page.locator("[data-test=scene]");
  await scenes.nth(1).waitFor();

  await paused("media-worker", async () => {
    await scenes.nth(0).locator("[data-test=preview-scene]").click();
    await preview(page, "making").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("[data-test=preview]").waitFor({ state: "detached" });
    await scenes.nth(0).locator("[data-test=narration]").fill("预览还没有来，字照样可以改。");
    await saved(page);
  });

  await scenes.nth(0).locator("[data-test=preview-scene]").click();
  await preview(page, "ready").waitFor();
  assert.deepEqual(page.faults, []);
});

test("a picture of one's own is put on a scene, and stays", async () => {
  const id = await withScript(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scene = page.locator("[data-test=scene]").first();
  await scene.locator("select").selectOption("picture");
  const broken = join(folder, "broken.jpg");
  writeFileSync(broken, "no picture at all");

  await scene.locator("input[type=file]").setInputFiles(broken);
  await scene.getByRole("alert").waitFor();
  await scene.locator("input[type=file]").setInputFiles(await aPicture(page));
  const shown = scene.locator("[data-test=picture-shown]");
  await eventually(() => shown.evaluate((one) => one.naturalWidth === 640).catch(() => false));
  await saved(page);
  await eventually(async () => (await stored(id)).scenes[0].card.picture?.path.endsWith(".jpg"));
  await shot(page, "picture-zh");
  await accessible(page, "picture card");

  await page.reload();
  await eventually(() => shown.evaluate((one) => one.naturalWidth === 640).catch(() => false));
  assert.equal(await scene.locator("[data-test=own-pictures]").evaluate((list) => list.selectedOptions[0].textContent), "garden.jpg");
  await scene.locator("[data-test=preview-scene]").click();
  await preview(page, "ready").waitFor();
  await eventually(() => page.locator("[data-test=preview] video").evaluate((one) => one.readyState >= 2));
  await shot(page, "preview-picture-zh");
  assert.deepEqual(page.faults, []);
});

test("a preview that could not be made says why, and is made at a second try", async () => {
  const id = await withScript(unique(1));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scene = page.locator("[data-test=scene]").first();
  await scene.locator("select").selectOption("picture");
  await scene.locator("input[type=file]").setInputFiles(await aPicture(page));
  await eventually(async () => (await stored(id)).scenes[0].card.picture);
  const lost = join(process.env.ARTIFACTS, (await stored(id)).scenes[0].card.picture.path);
  renameSync(lost, `${lost}.away`);

  await scene.locator("[data-test=preview-scene]").click();
  await preview(page, "failed").waitFor();
  await page.locator("[data-test=preview]").getByText("之前生成的素材已不存在", { exact: false }).waitFor();
  await shot(page, "preview-failed-zh");
  await accessible(page, "failed preview");
  renameSync(`${lost}.away`, lost);
  await page.getByRole("button", { name: "再试一次" }).click();
  await preview(page, "ready").waitFor();
  assert.deepEqual(page.faults, []);
});

test("one scene is shortened, the others stay; a single sentence can't be", async () => {
  const id = await withScript("## 第一段\n雨水渗入地下，街道不再积水。植物的根系过滤污染物，空气也更清新了。人们在树下散步。\n\n## 第二段\n只有一句话。");
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scenes = page.locator("[data-test=scene]");
  await scenes.nth(1).waitFor();
  await scenes.nth(1).locator("[data-test=narration]").fill("只有一句话。");
  await saved(page);
  const before = await stored(id);
  assert.equal(await scenes.nth(1).locator("[data-test=shorten]").isDisabled(), true);
  assert.equal(await page.locator("[data-test=rewrite-scene]").count(), 0, "the offline writer rewrites nothing");

  await scenes.nth(0).locator("[data-test=shorten]").click();

  await eventually(async () => (await stored(id)).scenes[0].narration.length < before.scenes[0].narration.length);
  const shorter = await stored(id);
  assert.deepEqual(shorter.scenes.map((scene) => scene.id), before.scenes.map((scene) => scene.id));
  assert.equal(shorter.scenes[1].narration, before.scenes[1].narration);
  await eventually(async () => (await scenes.nth(0).locator("[data-test=narration]").inputValue()) === shorter.scenes[0].narration);
  assert.deepEqual(page.faults, []);
});

// Voices are heard as they will sound, before a video and after; music of one's own.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { accessible, base, browser, call, eventually, forget, shot, SHORT, unasked, unique, until, visitor, withVideo } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();
const folder = mkdtempSync(join(tmpdir(), "page-"));
const preview = (page, state) => page.locator(`[data-test=preview][data-state=${state}]`);

/** A tone as a telephone records one. */
function aTone(seconds = 3, rate = 8_000) {
  const body = Buffer.alloc(44 + seconds * rate * 2);
  body.write("RIFF", 0);
  body.writeUInt32LE(body.length - 8, 4);
  body.write("WAVEfmt ", 8);
  body.writeUInt32LE(16, 16);
  body.writeUInt16LE(1, 20);
  body.writeUInt16LE(1, 22);
  body.writeUInt32LE(rate, 24);
  body.writeUInt32LE(rate * 2, 28);
  body.writeUInt16LE(2, 32);
  body.writeUInt16LE(16, 34);
  body.write("data", 36);
  body.writeUInt32LE(body.length - 44, 40);
  for (let n = 0; n < seconds * rate; n += 1) body.writeInt16LE(Math.round(8_000 * Math.sin(n / 3)), 44 + 2 * n);
  const path = join(folder, "tone.wav");
  writeFileSync(path, body);
  return path;
}

test("voices are heard at the chosen speed, and one's own music is used", async () => {
  await unasked();
  const page = await visitor(own);
  await page.goto(`${base}/create`);
  await page.fill("[data-test=source]", SHORT);
  await page.locator("#speed").selectOption("1.25");
  await page.locator("#theme").selectOption("paper");
  const sample = page.waitForRequest((request) => request.method() === "POST" && /\/sample$/.test(new URL(request.url()).pathname));
  const sound = page.waitForResponse((answer) => answer.url().endsWith(".wav") && answer.ok());
  await page.locator("[data-test=hear]").first().click();
  assert.equal((await sample).postDataJSON().speed, 1.25);
  await sound;

  await page.setInputFiles("[data-test=music-file]", aTone());
  await eventually(async () => (await page.locator("[data-test=music]").inputValue()).startsWith("upload:"));
  const music = page.locator("[data-test=music]");
  assert.match(await music.evaluate((list) => list.selectedOptions[0].textContent), /^tone\.wav · 3 秒$/);
  await shot(page, "form-music-zh", { full: true });
  await accessible(page, "form with music");
  await page.click("[data-test=start]");
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);

  const id = new URL(page.url()).pathname.split("/").pop();
  const project = await call("GET", `/projects/${id}`);
  assert.deepEqual([project.speed, project.theme], [1.25, "paper"]);
  assert.match(project.music, /^blob\//);
  await until(id, (s) => s.scriptReady && s.runState !== "active");
  await page.locator("[data-test=video-fields] summary").click();
  await eventually(async () => (await music.evaluate((list) => list.selectedOptions[0].textContent)).startsWith("tone.wav"));
  assert.deepEqual(page.faults, []);
});

test("a finished video's voice is heard, made slower, and its scenes previewed", async () => {
  const id = await withVideo(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=video]").waitFor();
  const sound = page.waitForResponse((answer) => answer.url().endsWith(".wav") && answer.ok());
  await page.locator("[data-test=hear]").click();
  await sound;

  await page.locator("#other-speed").selectOption("0.8");
  await page.locator("[data-test=stale]").getByRole("button", { name: "重新制作：2 段中的 2 段" }).waitFor();
  assert.equal((await call("GET", `/projects/${id}`)).speed, 0.8);
  await page.locator("[data-test=edit-scene]").first().click();
  await page.locator("[data-test=preview-scene]").click();
  await preview(page, "ready").waitFor();
  await shot(page, "editing-preview-zh");
  assert.deepEqual(page.faults, []);
});

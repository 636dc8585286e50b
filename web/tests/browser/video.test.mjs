// Production and editing: scenes as they come to be, one sentence changed, only that made anew.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import { api, base, browser, call, eventually, everyLook, fitsSmall, forget, paused, shot, statusOf, unique, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();

/** What a file of the project holds, as a hash. */
async function hashOf(id, name) {
  const answer = await fetch(`${api}/projects/${id}/artifacts/${name}`);
  assert.equal(answer.status, 200, name);
  return createHash("sha256").update(Buffer.from(await answer.arrayBuffer())).digest("hex");
}

/** What each change beside the sentence's would cost is said before it is ordered; all are taken back. (Another voice: revoice.test.mjs.) */
async function costs(page, id) {
  const says = (label) => page.locator("[data-test=produce]").getByText(label, { exact: true }).waitFor();
  const subtitle = page.getByLabel("副标题", { exact: true });
  await page.locator("[data-test=edit-scene]").first().click();
  await subtitle.fill("另一张卡片");
  await says("重新制作：3 段中的 2 段");
  await subtitle.fill("");
  await says("重新制作：3 段中的 1 段");
  const changes = [["#other-theme", "theme", "paper"], ["#other-speed", "speed", "1.25"], ["#other-aspect", "aspect", "9:16"]];
  for (const [field, stored, value] of changes) {
    const before = await page.locator(field).inputValue();
    assert.notEqual(before, value, field);
    await page.locator(field).selectOption(value);
    await says("重新制作：3 段中的 3 段");
    assert.equal(`${(await call("GET", `/projects/${id}`))[stored]}`, value);
    await page.locator(field).selectOption(before);
    await says("重新制作：3 段中的 1 段");
  }
  await page.locator("[data-test=music]").selectOption("calm");
  await says("重新制作：3 段中的 1 段");
  await page.locator("[data-test=music]").selectOption("");
}

test("from the confirmed script to the accepted video, with one sentence changed on the way", async () => {
  const id = await withScript(unique(3));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  await page.getByRole("button", { name: "确认脚本，制作 3 段" }).click();
  await page.getByText("共 3 段，需要制作 3 段").waitFor();
  await page.locator("[data-test=scenes] [data-state]").nth(2).waitFor();
  await page.locator("[data-stage=voice]").waitFor();

  const first = page.locator("[data-state=done]").first();
  await first.waitFor({ timeout: 60_000 });
  await paused("media-worker", async () => {
    assert.equal((await statusOf(id)).runState, "active", "a scene can be seen before the video is there");
    await first.getByRole("button", { name: /^播放/ }).click();
    await eventually(() => first.locator("video").evaluate((video) => video.currentTime > 0.6));
    await everyLook(page, "production", { full: true });
    await fitsSmall(page, "production");
  });

  const video = page.locator("[data-test=video]");
  await video.waitFor({ timeout: 90_000 });
  const long = await eventually(() => video.evaluate((one) => one.duration || 0));
  assert.ok(long > 3, `${long} s`);
  assert.equal(await video.locator("track").getAttribute("kind"), "captions");
  await video.evaluate((one) => (one.textTracks[0].mode = "showing"));
  const spoken = await eventually(() => video.evaluate((one) => [...(one.textTracks[0].cues ?? [])].map((cue) => cue.text).join("")));
  assert.match(spoken, /雨水流到了第1站/);
  await everyLook(page, "editing", { full: true });
  await fitsSmall(page, "editing");
  for (const [name, kind] of [["video.mp4", "video/mp4"], ["captions.srt", "application/x-subrip"], ["captions.vtt", "text/vtt"], ["cover.jpg", "image/jpeg"]]) {
    const answer = await fetch(base + (await page.locator(`[data-file="${name}"]`).getAttribute("href")));
    assert.equal(answer.status, 200, name);
    assert.match(answer.headers.get("content-disposition"), /^attachment/);
    assert.ok(answer.headers.get("content-type").startsWith(kind.split("/")[0]) || answer.headers.get("content-type").includes(kind), `${name}: ${answer.headers.get("content-type")}`);
    await answer.arrayBuffer();
  }

  const old = (await statusOf(id)).completedAt;
  const bytes = await hashOf(id, "video.mp4");
  await page.locator("[data-test=edit-scene]").nth(1).click();
  await page.locator("[data-test=narration]").fill("只有这一句换了新的说法。");
  await page.locator("[data-test=stale]").getByText("视频还是旧的", { exact: false }).waitFor();
  await page.getByRole("button", { name: "重新制作：3 段中的 1 段" }).waitFor();
  await costs(page, id);
  await page.getByRole("button", { name: "重新制作：3 段中的 1 段" }).click();
  await page.getByText("共 3 段，需要制作 1 段").waitFor();
  await page.locator("[data-test=reused]").getByText("共 3 段，制作 1 段，沿用 2 段").waitFor();
  await shot(page, "one-of-three-zh");
  await eventually(async () => (await statusOf(id)).status === "EDITING", { within: 90_000 });
  await video.waitFor();
  await eventually(async () => !(await video.locator("source").getAttribute("src")).includes(encodeURIComponent(old)));
  assert.equal(await page.locator("[data-test=stale]").count(), 0);
  assert.notEqual(await hashOf(id, "video.mp4"), bytes, "another video");

  await page.click("[data-test=complete]");
  await page.locator("[data-test=done]").getByText("项目已完成").waitFor();
  await everyLook(page, "done", { full: true });
  assert.equal((await call("GET", `/projects/${id}`)).status, "COMPLETED");
  assert.deepEqual(page.faults, []);
});

// R12: polling where there is no stream goes on through failures and stops at once; a stream that is cut is found again.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { asked, base, browser, call, eventually, forget, hidden, killed, pause, paused, shot, unasked, unique, visitor, withoutStream, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
beforeEach(unasked);
await forget();
const STATUS = /^\/projects\/[0-9a-f-]{36}\/status$/;

test("without the stream it polls every three seconds, through failures, and stops on leaving", async () => {
  const id = await withScript(unique(1));
  const page = await visitor(own);
  await withoutStream(page);
  await call("POST", `/projects/${id}/production`, {});
  await paused("media-worker", async () => {
    await page.goto(`${base}/projects/${id}`);
    await page.locator("[data-test=run]").waitFor();
    const times = [];
    page.on("request", (request) => request.url().includes("/status") && times.push(Date.now()));
    await eventually(() => times.length >= 3);
    for (const gap of times.slice(1).map((at, n) => at - times[n])) assert.ok(gap > 2_500 && gap < 5_000, `${gap} ms`);

    let broken = true;
    await page.route("**/status", (route) => (broken ? route.abort("connectionrefused") : route.continue()));
    await page.locator("[data-test=pulse]").filter({ hasText: "正在重新连接" }).waitFor();
    await shot(page, "reconnecting-zh");
    broken = false;
    await eventually(async () => !(await page.locator("[data-test=pulse]").innerText()).includes("重新连接"));

    await hidden(page, true);
    const away = asked(page, "GET", STATUS);
    await pause(7_000);
    assert.ok(asked(page, "GET", STATUS) - away <= 1, "a hidden tab asks every fifteen seconds");
    let torn = true;
    await page.route(`**/api/**/projects/${id}`, (route) => (torn ? route.abort("connectionrefused") : route.continue()));
    const looks = asked(page, "GET", `/projects/${id}`);
    await hidden(page, false);
    await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange"))); // the browser's own comes here, too
    await eventually(() => asked(page, "GET", STATUS) - away >= 2, { within: 2_000 });
    await eventually(() => asked(page, "GET", `/projects/${id}`) - looks >= 4);
    assert.ok(await page.locator("[data-test=cancel]").isVisible(), "the run stays in sight though the project can't be read");
    torn = false;
    await page.waitForResponse((answer) => answer.ok() && answer.url().endsWith(`/projects/${id}`));

    await page.getByRole("link", { name: "我的项目" }).first().click();
    await page.waitForURL("**/projects");
    const left = asked(page, "GET", STATUS);
    await pause(6_500);
    assert.equal(asked(page, "GET", STATUS), left, "a page that was left polls no more");
  });
  await call("POST", `/projects/${id}/cancel`, {});
});

test("without the stream, too, nothing is asked after the end", async () => {
  const id = await withScript(unique(1));
  const page = await visitor(own);
  await withoutStream(page);
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=produce]").click();
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  assert.ok(asked(page, "GET", STATUS) >= 1, "it was polled");
  await pause(1_500);
  const before = asked(page, "GET", STATUS);
  await pause(7_000);
  assert.equal(asked(page, "GET", STATUS), before);
  assert.deepEqual(page.faults, []);
});

test("a stream that is cut in the middle of a run is missed for a moment, and the page goes on", async () => {
  const id = await withScript(unique(1));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const streams = () => asked(page, "GET", "/events");
  await paused("media-worker", async () => {
    await page.locator("[data-test=produce]").click();
    await page.locator("[data-test=run]").waitFor();
    await eventually(() => streams() >= 1);
    const before = streams();
    killed("api");
    await eventually(() => streams() > before, { within: 60_000 });
  });
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
});

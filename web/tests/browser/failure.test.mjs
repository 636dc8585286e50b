// A failed run: the reason in plain words, what was kept, a retry that goes on from there.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, asked, base, browser, call, eachLook, eventually, everyLook, fitsSmall, paused, shot, statusOf, until, visitor } from "./browser.mjs";

const own = await browser();
after(() => own.close());

test("a piece that failed once is tried again by itself, and its tile says so", async () => {
  const page = await visitor(own);
  await paused("media-worker", async () => {
    await page.goto(`${base}/projects/${process.env.RETRIED_PROJECT}`);
    await page.locator("[data-test=scenes] [data-state]").first().getByText("第 2 次尝试").waitFor();
    await shot(page, "attempt-zh");
  });
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  assert.deepEqual(page.faults, []);
});

test("a text without words fails with a reason, and can be changed in a new form", async () => {
  const { projectId } = await call("POST", "/projects", { article: "。。。？！……", language: "zh-CN" });
  await call("POST", `/projects/${projectId}/script`, {});
  await until(projectId, (s) => s.status === "FAILED");
  const page = await visitor(own, { locale: "en" });
  await page.goto(`${base}/projects/${projectId}`);
  await page.locator("[data-test=reason]").getByText("There is no text to make a script from", { exact: false }).waitFor();
  assert.equal(await page.locator("[data-test=retry]").count(), 0, "a hopeless retry is not offered");
  await shot(page, "failed-en");
  await accessible(page, "failed");
  await page.getByRole("button", { name: "Change it in a new project" }).click();
  await page.waitForURL("**/create");
  await eventually(async () => (await page.inputValue("[data-test=source]")) === "。。。？！……");
  assert.deepEqual(page.faults, []);
});

test("a failed production says what was kept, and a retry makes only the rest", async () => {
  const id = process.env.FAILED_PROJECT;
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=reason]").getByText("配音超时，请重试。").waitFor();
  await page.locator("[data-test=where]").getByText("第 3 段 · 配音").waitFor();
  await page.locator("[data-test=kept]").getByText(/已保留：配音 2\/3，画面 2\/3/).waitFor();
  await page.locator("[data-test=scenes] [data-state=reused]").nth(1).waitFor();
  await everyLook(page, "failed-video", { full: true });
  await fitsSmall(page, "failed video");
  await page.click("[data-test=retry]");
  await page.locator("[data-test=reused]").getByText("共 3 段，制作 1 段，沿用 2 段").waitFor();
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  assert.deepEqual(page.faults, []);
});

test("an unknown outcome asks before it pays again", async () => {
  const id = process.env.UNKNOWN_PROJECT;
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  await page.locator("[data-test=reason]").getByText("可能已经扣费", { exact: false }).waitFor();
  await eachLook(own, "pay-again", async (seen) => {
    await seen.goto(`${base}/projects/${id}`);
    await seen.click("[data-test=retry]");
    await seen.locator(".el-message-box").waitFor();
  });
  await page.click("[data-test=retry]");
  await page.getByText("可能会再次付费").waitFor();
  await page.getByRole("button", { name: "先不重试" }).click();
  assert.equal(asked(page, "POST", /\/retry$/), 0);
  let sent;
  page.on("request", (request) => request.url().endsWith("/retry") && (sent = request.postDataJSON()));
  await page.click("[data-test=retry]");
  await page.getByRole("button", { name: "知道了，继续重试" }).click();
  await eventually(() => sent);
  assert.deepEqual(sent, { acceptSecondCharge: true });
  await eventually(async () => (await statusOf(id)).status !== "FAILED");
});

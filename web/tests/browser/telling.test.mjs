// R14: the end of a run is told once, with a link, wherever the user is; and kept in the bell.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, allRead, base, browser, call, eventually, forget, paused, shot, statusOf, unique, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();
await allRead();
const toast = (page) => page.locator(".milestone");

/** A browser that lets pages notify: what it would show is kept in `told`. */
async function telling(locale = "zh-CN") {
  const context = await own.newContext({ locale, viewport: { width: 1280, height: 860 } });
  await context.addInitScript(() => {
    window.told = [];
    window.requests = 0;
    window.Notification = class {
      static permission = "default";
      static async requestPermission() { window.requests += 1; return (this.permission = "granted"); }
      constructor(title, options) { window.told.push([title, options.body]); }
      close() {}
    };
  });
  return context;
}

test("whoever waits there is taken to the result; whoever is elsewhere gets a link, and no jump", async () => {
  const context = await telling();
  const page = await visitor(own, { context });
  await page.goto(`${base}/create`);
  assert.equal(await page.evaluate(() => window.requests), 0, "nobody is asked before the first submit");
  await page.getByText("大纲", { exact: true }).click();
  await page.fill("[data-test=source]", unique(1));
  await page.click("[data-test=start]");
  await page.locator("[data-test=scene]").first().waitFor();
  await toast(page).getByText("脚本生成完成").waitFor();
  assert.equal(await page.evaluate(() => window.requests), 1);
  assert.equal(await page.evaluate(() => Notification.permission), "granted");
  assert.deepEqual(await page.evaluate(() => window.told), [], "whoever sees the page is not told beside it");
  const id = page.url().split("/").at(-1);
  await eventually(async () => (await statusOf(id)).notified);

  await page.locator("[data-test=produce]").click();
  await page.locator("[data-test=run]").waitFor();
  await page.getByRole("link", { name: "我的项目" }).first().click();
  await toast(page).getByText("视频制作完成").waitFor({ timeout: 90_000 });
  assert.ok(page.url().endsWith("/projects"), "nobody is torn away from what they do");
  await shot(page, "toast-zh");
  await eventually(async () => /^\(\d\)/.test(await page.title()));
  await toast(page).getByRole("link", { name: "点击查看" }).last().click();
  await page.waitForURL(`**/projects/${id}`);
  await page.locator("[data-test=video]").waitFor();
  await eventually(async () => (await statusOf(id)).notified);
  await eventually(async () => !/^\(\d\)/.test(await page.title()));
  assert.deepEqual(page.faults, []);
});

test("of two open tabs one tells it", async () => {
  const id = await withScript(unique(1));
  const context = await telling();
  const tabs = [await visitor(own, { context }), await visitor(own, { context })];
  await paused("media-worker", async () => {
    await call("POST", `/projects/${id}/production`, {});
    for (const page of tabs) {
      await page.goto(`${base}/projects/${id}`);
      await page.locator("[data-test=run]").waitFor();
    }
  });
  for (const page of tabs) await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const counts = await Promise.all(tabs.map((page) => toast(page).count()));
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 1, `${counts}`);
});

/** A tab that nobody looks at, whose run ends meanwhile. */
async function away(permission) {
  const id = await withScript(unique(1));
  const context = await telling("en");
  await context.addInitScript((said) => {
    Notification.permission = said;
    Object.defineProperty(document, "visibilityState", { get: () => (window.away ? "hidden" : "visible") });
    Object.defineProperty(document, "hidden", { get: () => !!window.away });
  }, permission);
  const page = await visitor(own, { context });
  await paused("media-worker", async () => {
    await call("POST", `/projects/${id}/production`, {});
    await page.goto(`${base}/projects/${id}`);
    await page.locator("[data-test=run]").waitFor();
    await page.evaluate(() => { window.away = true; document.dispatchEvent(new Event("visibilitychange")); });
  });
  await toast(page).getByText("The video is ready").waitFor({ timeout: 90_000 });
  return page;
}

test("a tab that nobody looks at uses the browser's own notification", async () => {
  const page = await away("granted");
  const told = await eventually(() => page.evaluate(() => window.told.length && window.told));
  assert.equal(told[0][0], "The video is ready");
});

test("a user who has said no is told by the page alone, and never asked again", async () => {
  const page = await away("denied");
  assert.deepEqual(await page.evaluate(() => [window.told, window.requests]), [[], 0]);
  assert.deepEqual(page.faults, []);
});

test("the bell keeps what was not seen, through a refresh and on other devices, until it is read", async () => {
  await forget();
  await withScript(unique(1));
  const page = await visitor(own);
  await page.goto(`${base}/projects`);
  const unread = () => page.locator("[data-test=bell] .dot");
  await unread().waitFor();
  await page.reload();
  await unread().waitFor();
  await page.click("[data-test=bell]");
  const newest = page.locator(".bell-list .notice.fresh").first();
  await newest.getByText("脚本生成完成").waitFor();
  await shot(page, "bell-zh");
  await accessible(page, "bell");
  await page.getByRole("button", { name: "全部已读" }).click();
  await unread().waitFor({ state: "detached" });
  const other = await visitor(own, { dark: true });
  const answered = other.waitForResponse((answer) => new URL(answer.url()).pathname.endsWith("/notifications") && answer.ok());
  await other.goto(`${base}/projects`);
  const { items } = await (await answered).json();
  assert.ok(items.length > 0 && items.every((notice) => notice.readAt !== null));
  await other.click("[data-test=bell]");
  await other.locator(".bell-list .notice").first().waitFor();
  assert.equal(await other.locator("[data-test=bell] .dot").count(), 0);
});

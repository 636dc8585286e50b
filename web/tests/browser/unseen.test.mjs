// R14: what nobody saw: the browser's own notification, and the bell that keeps it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible, allRead, base, browser, call, eventually, forget, notifiable, paused, shot, unique, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();
await allRead();
const toast = (page) => page.locator(".milestone");

/** A tab that nobody looks at, whose run ends meanwhile. */
async function away(permission) {
  const id = await withScript(unique(1));
  const context = await notifiable(own, "en");
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

// What is asked and told over a page, in both languages, light and dark.
import { after, test } from "node:test";
import { base, browser, call, eachLook, eventually, forget, paused, unique, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
const DIALOG = ".el-message-box";

test("a project's menu, its new name, and its deletion", async () => {
  await forget();
  const { projectId } = await call("POST", "/projects", { topic: "雨水", title: "城市里的雨水都去了哪里" });
  const menu = async (page) => {
    await page.goto(`${base}/projects`);
    await page.locator("[data-test=menu]").click();
    await page.locator("[data-test=rename]").waitFor();
  };
  await eachLook(own, "menu", menu);
  await eachLook(own, "rename", async (page) => {
    await menu(page);
    await page.locator("[data-test=rename]").click();
    await page.locator(`${DIALOG} input`).fill(" ");
    await page.locator(".el-message-box__errormsg").waitFor();
  });
  await eachLook(own, "deleted", async (page) => {
    await call("POST", `/projects/${projectId}/restore`);
    await menu(page);
    await page.locator("[data-test=delete]").click();
    await page.locator(".undo-link").waitFor();
    await page.locator(`[data-project="${projectId}"]`).waitFor({ state: "detached" });
  });
});

test("what is asked before a run is cancelled and before a script is written anew", async () => {
  const id = await withScript(unique(2));
  await eachLook(own, "rewrite-all", async (page) => {
    await page.goto(`${base}/projects/${id}`);
    await page.locator("[data-test=rewrite]").click();
    await page.locator(DIALOG).waitFor();
  });
  await paused("media-worker", async () => {
    await call("POST", `/projects/${id}/production`, {});
    await eachLook(own, "cancel", async (page) => {
      await page.goto(`${base}/projects/${id}`);
      await page.locator("[data-test=cancel]").click();
      await page.locator(DIALOG).waitFor();
    });
  });
  await call("POST", `/projects/${id}/cancel`, {});
});

test("what is told when a run has failed elsewhere in the page", async () => {
  await eachLook(own, "toast-failed", async (page) => {
    const { projectId } = await call("POST", "/projects", { article: "？？？", title: "城市里的雨水都去了哪里" });
    await page.route("**/unfinished", (route) => route.fulfill({ json: [] }));
    await paused("script-worker", async () => {
      await call("POST", `/projects/${projectId}/script`, {});
      await page.goto(`${base}/projects/${projectId}`);
      await page.locator("[data-test=run]").waitFor();
      await page.locator("a[href='/create']").last().click();
      await page.waitForURL("**/create");
    });
    await page.locator(".milestone").waitFor();
    await eventually(() => page.locator(".milestone").evaluate((one) => one.getBoundingClientRect().left > 0));
  });
});

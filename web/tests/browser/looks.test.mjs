// The list without projects, the prompt of the return and the bell, in both languages, light and dark.
import { after, test } from "node:test";
import { base, browser, call, eachLook, eventually, forget, unasked, unique, until, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());

test("the empty list", async () => {
  await forget();
  await eachLook(own, "empty", async (page) => {
    await page.goto(`${base}/projects`);
    await page.locator("[data-test=empty]").waitFor();
  });
});

test("the prompt of the return, for one project and for several", async () => {
  await forget();
  await unasked();
  const open = async (page) => {
    await page.goto(`${base}/create`);
    await page.locator("[data-test=unfinished]").waitFor();
  };
  await withScript(unique(1), { title: "城市里的雨水都去了哪里" });
  await eachLook(own, "unfinished-one", open);
  const { projectId } = await call("POST", "/projects", { article: "？？？", title: "A title that is much longer than the place that there is for it in the list of the prompt" });
  await call("POST", `/projects/${projectId}/script`, {});
  await until(projectId, (s) => s.status === "FAILED");
  await eachLook(own, "unfinished-several", open);
});

test("the bell with notices, new and read, and without any", async () => {
  await eventually(async () => (await call("GET", "/notifications?limit=1")).items[0]?.kind === "run.failed");
  const open = async (page) => {
    await page.goto(`${base}/projects`);
    await page.locator("[data-test=bell] .dot").waitFor();
    await page.click("[data-test=bell]");
    await page.locator(".bell-list .notice.fresh").first().waitFor();
  };
  await eachLook(own, "bell", open);
  await eachLook(own, "bell-empty", async (page) => {
    await page.route("**/notifications?*", (route) => route.fulfill({ json: { items: [], nextCursor: null } }));
    await page.goto(`${base}/projects`);
    await page.click("[data-test=bell]");
    await page.locator(".bell-list .empty").waitFor();
  });
});

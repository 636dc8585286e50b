// The README's pictures of the page, from a running stack: API_URL=… SHOTS=folder node tests/browser/pictures.mjs
import { readFileSync } from "node:fs";
import { base, browser, call, eventually, shot, until, visitor } from "./browser.mjs";

const own = await browser();
const article = readFileSync(new URL("../../../examples/article.zh-CN.md", import.meta.url), "utf8").trim();
const { projectId } = await call("POST", "/projects", { article, language: "zh-CN", targetSeconds: 30 });
await call("POST", `/projects/${projectId}/script`, {});
await until(projectId, (status) => status.scriptReady);
await call("POST", "/unfinished/dismiss", {});

const page = await visitor(own, { width: 1360, height: 850 });
await page.goto(`${base}/projects/${projectId}`);
await page.locator("[data-test=scene]").first().waitFor();
await page.locator("[data-test=produce]").click();
await page.locator("[data-state=done] video").first().waitFor({ timeout: 300_000 });
await eventually(() => page.locator("[data-state=done] video").first().evaluate((video) => video.readyState >= 2));
await page.locator(".el-message").waitFor({ state: "detached" });
await shot(page, "page-production", { type: "jpeg" });
await page.locator("[data-test=video]").waitFor({ timeout: 400_000 });
const dark = await visitor(own, { width: 1360, height: 850, locale: "en", dark: true });
await dark.goto(`${base}/projects/${projectId}`);
await dark.locator("[data-test=video]").waitFor();
await eventually(() => dark.locator("[data-test=video]").evaluate((video) => video.readyState >= 1));
await shot(dark, "page-editing", { type: "jpeg" });
await own.close();

// The browser of the tests: Chromium as installed, with a fresh profile, watched for errors.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const base = process.env.API_URL ?? "http://127.0.0.1:5173";
export const api = `${base}/api/video-creation`;
const shots = process.env.SHOTS;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export async function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-quic", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
    ],
  });
}

/**
 * A page of a user with nothing stored; `page.faults` collects what the browser complains of,
 * `page.asked` every request to the API as [method, path].
 */
export async function visitor(own, { locale = "zh-CN", dark = false, width = 1280, height = 860, reduced = false, context } = {}) {
  const inside = context ?? (await own.newContext({
    locale,
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: reduced ? "reduce" : "no-preference",
  }));
  const page = await inside.newPage();
  page.setDefaultTimeout(30_000);
  page.faults = [];
  page.asked = [];
  page.on("pageerror", (error) => page.faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !/Failed to load resource|ERR_/.test(text)) page.faults.push(text);
    if (message.type() === "warning" && /Vue warn|intlify/.test(text)) page.faults.push(text);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname.startsWith("/api/")) page.asked.push([request.method(), url.pathname.replace("/api/video-creation", "")]);
  });
  return page;
}

/** A browser that lets pages notify: what it would show is kept in `told`. */
export async function notifiable(own, locale = "zh-CN") {
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

/** Waits on a condition, with a deadline. */
export async function eventually(condition, { within = 20_000, what = condition.toString() } = {}) {
  const end = Date.now() + within;
  for (;;) {
    const found = await condition();
    if (found) return found;
    assert.ok(Date.now() < end, `not within ${within} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function call(method, path, body, headers = {}) {
  const once = () => fetch(api + path, {
    method,
    headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  let response = await once();
  // A machine with much else to do: the question is asked again, as the page does.
  for (let n = 0; n < 20 && response.status === 503 && method === "GET"; n += 1) {
    await pause(250);
    response = await once();
  }
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

export const statusOf = (id) => call("GET", `/projects/${id}/status`);
export const until = (id, condition, within = 90_000) =>
  eventually(async () => {
    const status = await statusOf(id);
    return condition(status) && status;
  }, { within, what: condition.toString() });

/** A project with a written script of two or three scenes, quick to make. */
export async function withScript(outline = OUTLINE, more = {}) {
  const { projectId } = await call("POST", "/projects", { outline, language: "zh-CN", targetSeconds: 15, ...more });
  await call("POST", `/projects/${projectId}/script`, {});
  await until(projectId, (s) => s.scriptReady && s.runState !== "active");
  return projectId;
}

export async function withVideo(outline = OUTLINE, more = {}) {
  const projectId = await withScript(outline, more);
  await call("POST", `/projects/${projectId}/production`, {});
  await until(projectId, (s) => s.status === "EDITING");
  return projectId;
}

export async function forget() {
  const { items } = await call("GET", "/projects?limit=100");
  for (const { projectId } of items) await call("DELETE", `/projects/${projectId}`);
}

/** Nobody is asked about what tests before this one have left: all runs have ended, all is answered. */
export async function unasked() {
  await eventually(async () => (await call("GET", "/unfinished")).every((one) => !one.status.startsWith("GENERATING")));
  await call("POST", "/unfinished/dismiss", {});
}

/** Everything that earlier tests were told is read. */
export async function allRead() {
  const { items } = await call("GET", "/notifications?limit=100");
  for (const notice of items) if (!notice.readAt) await call("POST", `/notifications/${notice.id}/read`, {});
}

export const OUTLINE = "## 透水铺装\n雨水渗入地下，街道不再积水。\n\n## 雨水花园\n植物的根系过滤污染物。";
export const SHORT = "城市里的雨水管理正在发生变化。透水铺装是第一步，雨水可以直接渗入地下。\n\n雨水花园是第二步，它滞留并净化雨水。";

/**
 * What is shown has come to rest: what fades in is pale. Animations are brought to their ends, not
 * waited for: in a tab that lies behind another one they may stand still for ever.
 */
async function rested(page) {
  await page.bringToFront();
  await page.evaluate(() => {
    for (const one of document.getAnimations()) if (one.effect?.getComputedTiming().endTime !== Infinity) one.finish();
  });
}

export async function shot(page, name, { full = false, type = "png" } = {}) {
  if (!shots) return;
  await rested(page);
  mkdirSync(shots, { recursive: true });
  const path = join(shots, `${name}.${type === "png" ? "png" : "jpg"}`);
  await page.screenshot({ path, type, fullPage: full, ...(type === "jpeg" && { quality: 82 }) });
}

/** No violation of axe's rules in what is shown. */
export async function accessible(page, where) {
  await rested(page);
  await page.evaluate(readFileSync(axe, "utf8"));
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).slice(0, 4).join(" | ")}`);
  });
  assert.deepEqual(found, [], where);
}

/** A Chinese, light page in both languages and both themes: a picture of each, and axe's word on it. */
export async function everyLook(page, name, { full = false } = {}) {
  for (const [language, next] of [["zh", "My projects"], ["en", "我的项目"]]) {
    for (const theme of ["light", "dark"]) {
      assert.equal(await page.evaluate(() => document.documentElement.classList.contains("dark")), theme === "dark");
      await shot(page, `${name}-${language}-${theme}`, { full });
      await accessible(page, `${name}, ${language}, ${theme}`);
      await page.click("[data-test=theme]");
    }
    await page.click("[data-test=language]");
    await page.getByRole("link", { name: next }).first().waitFor();
  }
}

/** What has to be opened first, in each language and theme anew: a picture of each, and axe's word on it. */
export async function eachLook(own, name, open) {
  for (const locale of ["zh-CN", "en"]) {
    for (const dark of [false, true]) {
      const page = await visitor(own, { locale, dark, reduced: true });
      await open(page);
      const look = `${name}-${locale.slice(0, 2)}-${dark ? "dark" : "light"}`;
      await shot(page, look);
      await accessible(page, look);
      assert.deepEqual(page.faults, [], look);
      await page.context().close();
    }
  }
}

/** Nothing of the page is wider than its screen. */
export async function fits(page, where) {
  const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= seen, `${where} is ${wide} px wide at ${seen}`);
}

/** The same page on the smallest screen. */
export async function fitsSmall(page, where) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page, where);
  await page.setViewportSize(size);
}

/** As a tab that nobody looks at, and back. */
export const hidden = (page, away) =>
  page.evaluate((now) => {
    Object.defineProperty(document, "visibilityState", { get: () => (now ? "hidden" : "visible"), configurable: true });
    Object.defineProperty(document, "hidden", { get: () => now, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, away);

const pids = JSON.parse(process.env.PIDS ?? "{}");
const each = (service, signal) => {
  for (const [name, pid] of Object.entries(pids)) {
    if (name === service || name.startsWith(`${service}-`)) process.kill(pid, signal);
  }
};

/** Runs `work` while a service's processes stand still, as on a machine that is overloaded. */
export async function paused(service, work) {
  each(service, "SIGSTOP");
  try {
    return await work();
  } finally {
    each(service, "SIGCONT");
  }
}

/** A service's processes die at once; the stack starts others. */
export const killed = (service) => each(service, "SIGKILL");

/** No stream for this page: a proxy in between that knows nothing of server-sent events. */
export const withoutStream = (page) =>
  page.route("**/events", (route) => route.fulfill({ status: 404, contentType: "text/plain", body: "" }));

export const asked = (page, method, path) =>
  page.asked.filter(([how, where]) => how === method && (path instanceof RegExp ? path.test(where) : where === path)).length;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An outline of `count` scenes whose words nothing else uses: everything must really be made. */
export function unique(count, about = "雨水") {
  const salt = Math.random().toString(36).slice(2, 8);
  const scenes = Array.from({ length: count }, (_, n) => `## ${about}的第${n + 1}站\n${about}流到了第${n + 1}站，编号是 ${salt}。`);
  return scenes.join("\n\n");
}

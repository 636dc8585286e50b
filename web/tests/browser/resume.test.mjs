// R13: after a refresh, in another browser, on another day: back at the right step, and live.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  accessible, base, browser, call, eventually, forget, paused, shot, statusOf, unique, until, visitor, withScript, withVideo,
} from "./browser.mjs";

const own = await browser();
after(() => own.close());
const prompt = (page) => page.locator("[data-test=unfinished]");
const unfinished = (page) => page.waitForResponse((answer) => new URL(answer.url()).pathname.endsWith("/unfinished") && answer.ok());

test("one unfinished project is asked about once, with the words of the requirements", async () => {
  await forget();
  const id = await withScript();
  const page = await visitor(own);
  await page.goto(base);
  await prompt(page).getByText("发现未完成项目").waitFor();
  await prompt(page).getByText("您有一个未完成的视频项目，是否继续制作？").waitFor();
  await shot(page, "unfinished-one-zh");
  await accessible(page, "unfinished");
  await prompt(page).getByRole("button", { name: "继续制作" }).click();
  await page.waitForURL(`**/projects/${id}`);
  await page.locator("[data-test=scene]").first().waitFor();

  const elsewhere = await visitor(own);
  const answer = unfinished(elsewhere);
  await elsewhere.goto(base);
  await elsewhere.locator("[data-test=start]").waitFor();
  await answer;
  await new Promise((resolve) => setTimeout(resolve, 800));
  assert.equal(await prompt(elsewhere).count(), 0, "answered here is answered everywhere");
});

test("several are offered as a list; a new project answers for all of them", async () => {
  await forget();
  const first = await withScript();
  const second = await withScript();
  const page = await visitor(own);
  await aDayLater(page);
  await page.goto(base);
  await prompt(page).locator("li").nth(1).waitFor();
  await prompt(page).getByText("昨天").first().waitFor();
  assert.deepEqual(await prompt(page).locator("li").evaluateAll((all) => all.map((one) => one.dataset.project)), [second, first]);
  await shot(page, "unfinished-several-zh");
  await prompt(page).getByRole("button", { name: "新建项目" }).click();
  const answer = unfinished(page);
  await page.reload();
  await page.locator("[data-test=start]").waitFor();
  await answer;
  await new Promise((resolve) => setTimeout(resolve, 800));
  assert.equal(await prompt(page).count(), 0);

  await call("PATCH", `/projects/${first}`, { title: "又有新进展" });
  const english = await visitor(own, { locale: "en" });
  await english.goto(base);
  await prompt(english).getByText("One of your video projects is not finished.", { exact: false }).waitFor();
  await prompt(english).getByText("又有新进展").waitFor();
});

test("one of several is chosen, and its project opens", async () => {
  await forget();
  const first = await withScript();
  const second = await withScript();
  const page = await visitor(own);
  await page.goto(base);
  await prompt(page).locator(`[data-project="${second}"]`).waitFor();
  await prompt(page).locator(`[data-project="${first}"]`).getByRole("button").click();
  await page.waitForURL(`**/projects/${first}`);
  await page.locator("[data-test=scene]").first().waitFor();
  assert.equal(await prompt(page).count(), 0);
  assert.deepEqual(page.faults, []);
});

test("a refresh in every state comes back to it and goes on live", async () => {
  await forget();
  const page = await visitor(own);
  const back = async (id, selector) => {
    await page.goto(`${base}/projects/${id}`);
    await page.locator(selector).first().waitFor();
    await page.reload();
    await page.locator(selector).first().waitFor();
  };
  const { projectId: draft } = await call("POST", "/projects", { outline: unique(3), language: "zh-CN", targetSeconds: 15 });
  await back(draft, "[data-test=write]");
  await paused("script-worker", async () => {
    await call("POST", `/projects/${draft}/script`, {});
    await back(draft, "[data-test=run]");
  });
  await page.locator("[data-test=scene]").first().waitFor();
  await back(draft, "[data-test=scene]");
  await paused("media-worker", async () => {
    await call("POST", `/projects/${draft}/production`, {});
    assert.equal((await statusOf(draft)).status, "GENERATING_AUDIO");
    await back(draft, "[data-test=scenes]");
    await page.locator("[aria-current=step]").getByText("制作").waitFor();
  });
  await until(draft, (s) => s.status === "GENERATING_VIDEO");
  await paused("media-worker", async () => {
    await back(draft, "[data-test=scenes]");
    assert.equal((await statusOf(draft)).status, "GENERATING_VIDEO");
    await page.locator("[aria-current=step]").getByText("制作").waitFor();
  });
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  await back(draft, "[data-test=video]");
  await call("POST", `/projects/${draft}/complete`, {});
  await back(draft, "[data-test=done]");
  const { projectId: hopeless } = await call("POST", "/projects", { article: "？？？" });
  await call("POST", `/projects/${hopeless}/script`, {});
  await until(hopeless, (s) => s.status === "FAILED");
  await back(hopeless, "[data-test=failed]");
  await page.goto(`${base}/projects/00000000-0000-4000-8000-000000000000`);
  await page.getByRole("heading", { name: "找不到这个项目", exact: false }).waitFor();
  assert.deepEqual(page.faults, []);
});

/** For the device and for the server, by whose clock the page tells times. */
async function aDayLater(page) {
  await page.clock.setSystemTime(Date.now() + 1.2 * 86_400_000);
  await page.addInitScript(() => {
    const { fetch } = globalThis;
    globalThis.fetch = async (...asked) => {
      const { body, status, headers } = await fetch(...asked);
      const later = new Headers(headers);
      later.set("Date", new Date().toUTCString());
      return new Response(body, { status, headers: later });
    };
  });
}

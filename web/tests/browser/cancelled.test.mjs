// A production cancelled while footage is made at a provider who can't stop: that it was charged is said when it is known.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { base, browser, call, eventually, everyLook, forget, statusOf, unique, visitor, withScript } from "./browser.mjs";

const own = await browser();
after(() => own.close());
await forget();

test("what a cancelled run still cost is said, and going on costs nothing again", async () => {
  const id = await withScript(unique(2));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const scene = page.locator("[data-test=scene]").first();
  await scene.getByLabel("画面卡片").selectOption("footage");
  await scene.getByLabel("按描述生成").fill("雨停之后");
  await eventually(async () => (await call("GET", `/projects/${id}`)).script.scenes[0].card?.prompt === "雨停之后");
  await page.locator("[data-test=produce]").click();
  await eventually(() => existsSync(process.env.ORDERED), { within: 60_000 });

  await page.locator("[data-test=cancel]").click();
  await page.getByRole("button", { name: "取消生成" }).click();
  await eventually(async () => (await statusOf(id)).runState === "cancelled");
  writeFileSync(process.env.CANCELLED, "");

  const told = page.locator("[data-test=cancelled-work]");
  await told.getByText("停止时已有 1 项付费制作在进行，随后已完成并产生费用。", { exact: false }).waitFor({ timeout: 60_000 });
  await everyLook(page, "cancelled-work");
  await page.reload();
  await told.waitFor();

  await page.locator("[data-test=produce]").click();
  await told.waitFor({ state: "detached" });
  await page.locator("[data-test=video]").waitFor({ timeout: 90_000 });
  assert.deepEqual(page.faults, []);
});

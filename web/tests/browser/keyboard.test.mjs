// By keyboard alone: the form, the prompt of the return, the bell, the list, a script's scenes.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { allRead, base, browser, call, eventually, forget, unasked, unique, visitor, withScript } from "./browser.mjs";
import { asksAndLetsGo, gets, has, tabTo, trapped } from "./hands.mjs";

const own = await browser();
after(() => own.close());
const DIALOG = ".el-message-box";
const press = (page, ...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

test("a text is submitted", async () => {
  await forget();
  const page = await visitor(own);
  await page.goto(`${base}/create`);
  await page.locator("[data-test=start]").waitFor();
  await press(page, "Tab");
  assert.ok(await has(page, ".skip"), "the way past the navigation comes first");
  await press(page, "Enter");
  await tabTo(page, "#source-text");
  await page.keyboard.type("用键盘也能做视频。这是第二句话，讲一点别的内容。");
  await tabTo(page, "[data-test=start]");
  await press(page, "Enter");
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
  await gets(page, "#main");
  assert.deepEqual(page.faults, []);
});

test("the prompt of the return is answered, or closed without an answer", async () => {
  await forget();
  await unasked();
  const id = await withScript(unique(1));
  const page = await visitor(own);
  const prompt = page.locator("[data-test=unfinished]");
  await page.goto(`${base}/create`);
  await gets(page, "[data-test=continue]");
  await trapped(page, "[data-test=unfinished]");
  await press(page, "Escape");
  await prompt.waitFor({ state: "detached" });
  await gets(page, "#source-text");

  await page.reload();
  await gets(page, "[data-test=continue]");
  await tabTo(page, "[data-test=new]", "Shift+Tab");
  await press(page, "Space");
  await prompt.waitFor({ state: "detached" });
  await gets(page, "#source-text");

  await call("PATCH", `/projects/${id}`, { title: "又有新进展" });
  await page.reload();
  await gets(page, "[data-test=continue]");
  await press(page, "Enter");
  await page.waitForURL(`**/projects/${id}`);
  await gets(page, "#main");
  assert.deepEqual(page.faults, []);
});

test("the bell opens, is read, closes, and leads to the project", async () => {
  await forget();
  await allRead();
  const id = await withScript(unique(1));
  const page = await visitor(own);
  await page.goto(`${base}/projects`);
  await page.locator("[data-test=bell] .dot").waitFor();
  const list = page.locator(".bell-list");
  await tabTo(page, "[data-test=bell]");
  await press(page, "Enter");
  await gets(page, ".bell-list");
  await tabTo(page, ".bell-list .notice.fresh");
  await press(page, "Escape");
  await list.waitFor({ state: "hidden" });
  await gets(page, "[data-test=bell]");

  await press(page, "Space");
  await gets(page, ".bell-list");
  await press(page, "Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "全部已读");
  await press(page, "Enter");
  await page.locator("[data-test=bell] .dot").waitFor({ state: "detached" });
  await gets(page, ".bell-list");
  await press(page, "Shift+Tab");
  await list.waitFor({ state: "hidden" });
  await gets(page, "[data-test=bell]");

  await press(page, "Enter");
  await gets(page, ".bell-list");
  await tabTo(page, ".bell-list .notice");
  await press(page, "Enter");
  await page.waitForURL(`**/projects/${id}`);
  await list.waitFor({ state: "hidden" });
  assert.deepEqual(page.faults, []);
});

test("a project is renamed, deleted and brought back", async () => {
  await forget();
  const { projectId } = await call("POST", "/projects", { topic: "只用键盘" });
  const page = await visitor(own);
  await page.goto(`${base}/projects`);
  const card = page.locator(`[data-project="${projectId}"]`);
  await card.waitFor();
  await tabTo(page, "[data-test=menu]");
  await press(page, "Enter");
  await gets(page, "[role=menuitem], [role=menu]");
  await press(page, "Escape");
  await page.locator("[data-test=rename]").waitFor({ state: "hidden" });
  await gets(page, "[data-test=menu]");

  const choose = async (item) => {
    await press(page, "Enter");
    await gets(page, "[role=menuitem], [role=menu]");
    for (let n = 0; n < 4 && !(await has(page, `[data-test=${item}]`)); n += 1) await press(page, "ArrowDown");
    await tabTo(page, `[data-test=${item}]`);
    await press(page, "Enter");
  };
  await choose("rename");
  await gets(page, `${DIALOG} input`);
  await trapped(page, DIALOG);
  await press(page, "Escape");
  await gets(page, "[data-test=menu]");
  await page.evaluate((field) => {
    window.left = 0;
    document.addEventListener("focusout", ({ target }) => { if (target.matches(field)) window.left += 1; });
  }, `${DIALOG} input`);
  await choose("rename");
  await gets(page, `${DIALOG} input`);
  await press(page, "ControlOrMeta+a");
  await page.keyboard.type("键盘改的名");
  await page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => setTimeout(drawn)); }));
  assert.equal(await page.evaluate(() => window.left), 0, "the field keeps the focus from its first moment on");
  await press(page, "Enter");
  await card.getByText("键盘改的名").waitFor();
  await gets(page, "[data-test=menu]");

  await choose("delete");
  await card.waitFor({ state: "detached" });
  await gets(page, ".undo-link");
  await press(page, "Enter");
  await card.waitFor();
  await gets(page, "#main");
  assert.deepEqual(page.faults, []);
});

test("scenes are moved, added, removed and brought back", async () => {
  await forget();
  const id = await withScript(unique(3));
  const page = await visitor(own);
  await page.goto(`${base}/projects/${id}`);
  const fields = page.locator("[data-test=narration]");
  await fields.nth(2).waitFor();
  const texts = () => fields.evaluateAll((all) => all.map((one) => one.value));
  const become = (...wanted) => eventually(async () => JSON.stringify(await texts()) === JSON.stringify(wanted), { what: `${wanted}` });
  const [first, second, third] = await texts();

  await tabTo(page, "[aria-label='第 2 段上移']");
  await press(page, "Enter");
  await become(second, first, third);
  await gets(page, "[aria-label='第 1 段下移']");
  await press(page, "Space");
  await become(first, second, third);
  await gets(page, "[aria-label='第 2 段下移']");
  await press(page, "Enter");
  await become(first, third, second);
  await gets(page, "[aria-label='第 3 段上移']");
  await tabTo(page, "[data-test=scene]:nth-child(3) [data-test=narration]");
  await press(page, "Alt+ArrowUp");
  await become(first, second, third);
  await gets(page, "[data-test=scene]:nth-child(2) [data-test=narration]");

  await tabTo(page, "[aria-label='在第 2 段之后添加']");
  await press(page, "Enter");
  await gets(page, "[data-test=scene]:nth-child(3) [data-test=narration]");
  await press(page, "ControlOrMeta+z");
  await become(first, second, third);
  await gets(page, "[data-test=scene]:nth-child(3) [data-test=narration]");
  await tabTo(page, "[aria-label='在第 2 段之后添加']", "Shift+Tab");
  await press(page, "Enter");
  await gets(page, "[data-test=scene]:nth-child(3) [data-test=narration]");
  await page.keyboard.type("键盘写的一段。");
  await become(first, second, "键盘写的一段。", third);
  await tabTo(page, "[data-test=scene]:nth-child(4) [data-test=remove]");
  await press(page, "Enter");
  await become(first, second, "键盘写的一段。");
  await gets(page, "[data-test=scene]:nth-child(3) [data-test=remove]");
  await press(page, "Space");
  await become(first, second);
  await gets(page, "[data-test=scene]:nth-child(2) [data-test=remove]");

  await tabTo(page, "[data-test=undo]", "Shift+Tab");
  await press(page, "Enter", "Enter");
  await become(first, second, "键盘写的一段。", third);
  for (let n = 0; n < 9 && (await has(page, "[data-test=undo]")); n += 1) await press(page, "Enter");
  await become(first, second, third);
  await gets(page, "[data-test=redo]");
  await press(page, "Enter");
  await become(second, first, third);
  await page.locator("[data-test=saved][data-state=saved]").waitFor();

  await tabTo(page, "[data-test=rewrite]");
  await asksAndLetsGo(page, "[data-test=rewrite]", DIALOG);
  assert.deepEqual(page.faults, []);
});

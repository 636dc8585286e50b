// Hands that have nothing but a keyboard.
import assert from "node:assert/strict";
import { eventually } from "./browser.mjs";

export const has = (page, selector) => page.evaluate((what) => !!document.activeElement?.matches(what), selector);
export const gets = (page, selector) => eventually(() => has(page, selector), { what: `the focus on ${selector}` });

/** What has the focus shows it, and lies under nothing. */
async function seen(page, selector) {
  const fault = await page.evaluate(() => {
    const one = document.activeElement;
    const shows = (element) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
    };
    const field = one.closest(".el-input__wrapper, .zone");
    if (!shows(one) && !(field && shows(field))) return "its focus is not seen";
    const { left, top, width, height } = one.getBoundingClientRect();
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    return one.contains(there) || there?.contains(one) ? "" : `it lies under ${there?.outerHTML.slice(0, 80)}`;
  });
  assert.equal(fault, "", selector);
}

/** Goes there with Tab (or Shift+Tab), from wherever the focus is. */
export async function tabTo(page, selector, key = "Tab") {
  for (let n = 0; n < 150 && !(await has(page, selector)); n += 1) await page.keyboard.press(key);
  assert.ok(await has(page, selector), `${selector} can't be reached`);
  await seen(page, selector);
}

/** The open dialog has the focus, and keeps it however often one goes on. */
export async function trapped(page, dialog) {
  const inside = () => page.evaluate((what) => !!document.activeElement?.closest(what), dialog);
  // Between its last and its first element the browser's own dialog lets the browser itself have the focus.
  const behind = () => page.evaluate((what) => document.activeElement !== document.body && !document.activeElement.closest(what), dialog);
  await eventually(inside, { what: `the focus in ${dialog}` });
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let n = 0; n < 9; n += 1) {
      await page.keyboard.press(key);
      assert.equal(await behind(), false, `${key} leaves ${dialog}`);
    }
  }
  for (let n = 0; n < 3 && !(await inside()); n += 1) await page.keyboard.press("Tab");
  assert.ok(await inside(), dialog);
}

/** Opened from `opener`, which has the focus: trapped, closed by Escape, and the focus is back. */
export async function asksAndLetsGo(page, opener, dialog) {
  await page.keyboard.press("Enter");
  await page.locator(dialog).waitFor();
  await trapped(page, dialog);
  await page.keyboard.press("Escape");
  await page.locator(dialog).waitFor({ state: "hidden" });
  await gets(page, opener);
}

// Ctrl+Z: the script's where it is the script that is typed in, the browser's anywhere else.
import { enableAutoUnmount, mount } from "@vue/test-utils";
import { afterEach, expect, test } from "vitest";
import { defineComponent, h, shallowRef } from "vue";

import type { Editor } from "@/composables/editor";
import { useSceneKeys } from "@/composables/scenekeys";

enableAutoUnmount(afterEach);
afterEach(() => (document.body.innerHTML = ""));

/** How often the script was taken back; `press` says whether the browser is left its own undo. */
function page() {
  const it = { undone: 0, redone: 0, busy: false };
  const editor = {
    draft: shallowRef({ title: "题目", scenes: [] }),
    undo: () => (it.undone += 1),
    redo: () => (it.redone += 1),
  } as unknown as Editor;
  const inside = h("ol", { "data-undo": "" }, [h("textarea", { id: "narration" }), h("button", { id: "up" })]);
  const Panel = defineComponent({ setup: () => (useSceneKeys(editor, () => it.busy), () => h("div", [inside, h("input", { id: "search" }), h("button", { id: "confirm" })])) });
  mount(Panel, { attachTo: document.body });
  const press = (selector: string, shiftKey = false): boolean => {
    const event = new KeyboardEvent("keydown", { key: "z", ctrlKey: true, shiftKey, bubbles: true, cancelable: true });
    document.querySelector(selector)!.dispatchEvent(event);
    return !event.defaultPrevented;
  };
  return { it, press };
}
const beside = (html: string): void => document.body.insertAdjacentHTML("beforeend", html);

test.each(["#narration", "#up", "#confirm", "body"])("from %s the script is taken back and had again", (where) => {
  const { it, press } = page();
  expect(press(where)).toBe(false);
  expect(press(where, true)).toBe(false);
  it.busy = true;
  press(where);
  expect([it.undone, it.redone]).toEqual([1, 1]);
});

test.each([
  ["another field", "#search", ""],
  ["a dialog's field", "#wish", '<div role="dialog" aria-modal="true"><input id="wish" /></div>'],
  ["a dialog's button", "#close", "<dialog open><button id=close></button></dialog>"],
  ["a list that opens", "#read", '<div role="dialog"><button id="read"></button></div>'],
  ["anywhere behind a dialog", "#narration", '<div role="dialog" aria-modal="true"></div>'],
])("from %s the script stays as it is", (_, where, html) => {
  const { it, press } = page();
  beside(html);
  expect(press(where)).toBe(true);
  expect([it.undone, it.redone]).toEqual([0, 0]);
});

/** A script's scenes added, moved, removed, taken back: the focus stays with its scene, or goes to the next. */
import { useEventListener } from "@vueuse/core";
import { nextTick } from "vue";

import { differsAt } from "@/script/draft";
import type { Editor } from "./editor";
import { focusFirst } from "./focus";

/** Where what is typed is the script's, `data-undo` says so. Any other field, and a dialog, takes back by itself what was typed there. */
function ours(target: EventTarget | null): boolean {
  if (!(target instanceof Element) || document.querySelector("dialog[open], [aria-modal=true]")) return false;
  return !!target.closest("[data-undo]") || !target.closest("input, textarea, select, [contenteditable], [role=dialog]");
}

/** Nothing is taken back while an order is `busy`: it is about the script as it stands. */
export function useSceneKeys(editor: Editor, busy: () => boolean) {
  const keyAt = (index: number): string | undefined => editor.draft.value.scenes[index]?.key;

  /** What had the focus keeps it. A button that can do no more gives it to `other`, else to the scene that has changed, as what goes away does. */
  async function turn(back: () => void, other: string): Promise<void> {
    const held = document.activeElement;
    const before = editor.draft.value;
    back();
    await nextTick();
    if (held instanceof HTMLElement && held.isConnected && !held.matches(":disabled")) {
      if (document.activeElement !== held) held.focus(); // it was moved
      return;
    }
    const key = keyAt(differsAt(before, editor.draft.value));
    await focusFirst(...(held?.isConnected ? [other] : []), `${key}-narration`, `${key}-line`);
  }
  const undo = (): Promise<void> => turn(editor.undo, "script-redo");
  const redo = (): Promise<void> => turn(editor.redo, "script-undo");

  useEventListener(window, "keydown", (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || !ours(event.target)) return;
    event.preventDefault();
    if (!busy()) void (event.shiftKey ? redo() : undo());
  });

  return {
    add: (after: number): Promise<void> => focusFirst(`${editor.add(after)}-narration`),

    async move(from: number, by: number): Promise<void> {
      const key = keyAt(from);
      const focused = document.activeElement?.id;
      editor.move(from, from + by);
      if (key && focused?.startsWith(key)) await focusFirst(focused, `${key}-${by < 0 ? "down" : "up"}`);
    },

    async remove(index: number): Promise<void> {
      const key = keyAt(index);
      if (!key) return;
      editor.remove(key);
      const next = keyAt(index) ?? keyAt(index - 1);
      await focusFirst(`${next}-remove`, `${next}-narration`, `${next}-line`);
    },

    undo,
    redo,
  };
}

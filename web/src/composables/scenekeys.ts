/** A script's scenes added, moved, removed: the focus stays with its scene, or goes to the next. */
import type { Editor } from "./editor";
import { focusFirst } from "./focus";

export function useSceneKeys(editor: Editor) {
  const keyAt = (index: number): string | undefined => editor.draft.value.scenes[index]?.key;

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

    /** What can be done next, once there is nothing more to take back or to do again. */
    async undo(): Promise<void> {
      editor.undo();
      if (!editor.undoable.value) await focusFirst("script-redo", `${keyAt(0)}-narration`, `${keyAt(0)}-line`);
    },
    async redo(): Promise<void> {
      editor.redo();
      if (!editor.redoable.value) await focusFirst("script-undo");
    },
  };
}

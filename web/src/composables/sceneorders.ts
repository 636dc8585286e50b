/** What can be done with one scene of a draft: seen, shortened, rewritten. All is saved before. */
import { ElMessage } from "element-plus/es/components/message/index";
import "element-plus/es/components/message/style/css";
import { ElMessageBox } from "element-plus/es/components/message-box/index";
import "element-plus/es/components/message-box/style/css";
import { ref } from "vue";
import { useI18n } from "vue-i18n";

import type { RevisionKind } from "@/api/types";
import type { Shown } from "@/components/ScenePreview.vue";
import type { Editor } from "./editor";

export interface Revision {
  sceneId: string;
  kind: RevisionKind;
  instruction: string;
}

const MOST_WORDS = 500;

export function useSceneOrders(editor: Editor, revise: (revision: Revision) => void) {
  const { t } = useI18n();
  const shown = ref<Shown>();

  /** The scene's id once everything is stored. */
  async function stored(index: number): Promise<string | undefined> {
    const key = editor.draft.value.scenes[index]?.key;
    const saved = await editor.flush();
    const id = editor.draft.value.scenes.find((scene) => scene.key === key)?.id;
    if (saved && id) return id;
    ElMessage({ message: t("script.notSaved"), type: "warning", grouping: true });
    return undefined;
  }

  async function preview(index: number): Promise<void> {
    const id = await stored(index);
    if (id) shown.value = { id, number: index + 1 };
  }

  async function order(index: number, kind: RevisionKind): Promise<void> {
    const instruction = kind === "rewrite" ? await wish(index) : "";
    if (instruction === undefined) return;
    const sceneId = await stored(index);
    if (sceneId) revise({ sceneId, kind, instruction });
  }

  async function wish(index: number): Promise<string | undefined> {
    const answer = await ElMessageBox.prompt(t("script.reviseText"), t("script.reviseTitle", { n: index + 1 }), {
      confirmButtonText: t("script.reviseYes"),
      cancelButtonText: t("script.reviseNo"),
      inputPlaceholder: t("script.reviseHint"),
      inputValidator: (text) => (text ?? "").length <= MOST_WORDS || t("script.reviseLong"),
    }).catch(() => undefined);
    return answer && ((answer as { value: string | null }).value ?? "").trim();
  }

  return { shown, preview, order };
}

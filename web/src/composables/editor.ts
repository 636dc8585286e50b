/** A script's editor: the draft, undo, and saving as it is typed. */
import { useEventListener } from "@vueuse/core";
import { ElMessage } from "element-plus/es/components/message/index";
import "element-plus/es/components/message/style/css";
import { ElMessageBox } from "element-plus/es/components/message-box/index";
import "element-plus/es/components/message-box/style/css";
import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import { onBeforeRouteLeave, onBeforeRouteUpdate } from "vue-router";

import { changeProject, readProject, saveScript } from "@/api/calls";
import { newKey } from "@/api/client";
import type { Changes, Project } from "@/api/types";
import { Autosave, type SaveState } from "@/script/autosave";
import { itemsOf } from "@/script/card";
import { added, changed, differences, draftOf, type Draft, type DraftScene, History, moved, problemsOf, removed, savable, wire } from "@/script/draft";
import { useOptions } from "./options";

const LOOK_AGAIN_MS = 4_000;

/** `again` is called when what the page shows of the project is not what is stored. */
export function useEditor(project: () => Project, again: () => void) {
  const { t } = useI18n();
  const options = useOptions();
  const first = project();
  const start: Draft = first.script ? draftOf(first.script) : { title: first.title, scenes: [] };
  const draft = shallowRef<Draft>(start);
  const state = ref<SaveState>("saved");
  const trouble = shallowRef<unknown>();
  const theirs = shallowRef<Project>();
  const undoable = ref(false);
  const redoable = ref(false);
  const history = new History();
  let over = false;
  let givenUp = false;
  let looking: ReturnType<typeof setTimeout> | undefined;
  const limits = computed(() => options.value.limits);
  const kept = new Set(start.scenes.flatMap((scene) => itemsOf(scene.card)));

  const autosave = new Autosave(start, start, first.scriptVersion, {
    save: (now, version) => saveScript(first.projectId, wire(now), version),
    savable: (now) => savable(now, limits.value, kept),
    state: (now, error) => {
      state.value = now;
      trouble.value = error;
      if (now === "conflict") void lookAtTheirs();
      if (now === "refused") again();
    },
    identified: (now) => (draft.value = now),
    saved: again,
  });

  /** Until it is seen: nothing can be chosen before. */
  async function lookAtTheirs(): Promise<void> {
    const found = await readProject(first.projectId).catch(() => undefined);
    if (over || state.value !== "conflict") return;
    if (found?.script && autosave.recognised(found.script, found.scriptVersion)) return again();
    theirs.value = found;
    if (!found) looking = setTimeout(() => void lookAtTheirs(), LOOK_AGAIN_MS);
  }

  function apply(next: Draft, what = ""): void {
    history.before(draft.value, what);
    put(next);
  }

  function show(next: Draft): void {
    draft.value = next;
    undoable.value = history.canUndo;
    redoable.value = history.canRedo;
  }

  function put(next: Draft): void {
    givenUp = false;
    show(next);
    autosave.change(next);
  }

  function undo(): void {
    const before = history.undo(draft.value);
    if (before) put(before);
  }
  function redo(): void {
    const after = history.redo(draft.value);
    if (after) put(after);
  }

  // Somebody else's change is taken over while nothing is unsaved here; else it is a conflict.
  // To go back behind it would overwrite it, and nobody would have been asked.
  watch(
    () => project().scriptVersion,
    (version) => {
      const { script } = project();
      if (script && version > autosave.storedVersion && !autosave.dirty && state.value !== "saving") {
        const found = draftOf(script);
        if (differences(draft.value, found).length) {
          history.clear();
          show(found);
        }
        autosave.replace(draft.value, version);
      }
    },
  );

  useEventListener(window, "beforeunload", (event: BeforeUnloadEvent) => {
    if (autosave.dirty && !givenUp) {
      void autosave.flush();
      event.preventDefault();
    }
  });
  // Another step or another project is an update of the route, and takes the editor away as a leave does.
  onBeforeRouteLeave(mayGo);
  onBeforeRouteUpdate((to, from) => (to.path === from.path && to.query["step"] === from.query["step"]) || mayGo());
  onScopeDispose(() => {
    over = true;
    clearTimeout(looking);
    void parting();
  });

  /** Taken away, by a run that begins for one, with words that can't be stored: nobody was asked, so they are shown once more. */
  async function parting(): Promise<void> {
    const stored = await autosave.flush();
    autosave.stop();
    if (stored || givenUp) return;
    const mine = differences(autosave.storedDraft, draft.value).filter(({ what }) => what !== "lacking");
    const words = mine.map(({ text }) => text).filter(Boolean).join(" · ");
    ElMessage({ message: t("unsaved.lost", { words }), type: "warning", duration: 0, showClose: true });
  }

  /** All is stored, or the user gives up what can't be. */
  async function mayGo(): Promise<boolean> {
    while (!(await autosave.flush())) {
      if (state.value === "typing") continue; // while the save was on its way
      const sure = await ElMessageBox.confirm(t("unsaved.text"), t("unsaved.title"), {
        confirmButtonText: t("unsaved.leave"),
        cancelButtonText: t("unsaved.stay"),
        type: "warning",
      }).catch(() => undefined);
      return (givenUp = !!sure);
    }
    return true;
  }

  return {
    draft,
    state,
    trouble,
    theirs,
    limits,
    undoable,
    redoable,
    undo,
    redo,
    flush: () => autosave.flush(),
    /** Whether `version` is what stands here. */
    settled: (version: number): boolean => state.value === "saved" && version === autosave.storedVersion,
    /** How the whole video shall be: a version, too, that what is typed meanwhile comes after. */
    alter: (changes: Changes) => autosave.after(async () => (await changeProject(first.projectId, changes)).scriptVersion),
    retitle: (title: string) => apply({ ...draft.value, title }, "title"),
    change: (key: string, change: Partial<DraftScene>) => apply(changed(draft.value, key, change), `${key}/${Object.keys(change).join()}`),
    add: (after: number): string => {
      const key = newKey();
      apply(added(draft.value, after, key));
      return key;
    },
    remove: (key: string) => apply(removed(draft.value, key)),
    move: (from: number, to: number) => apply(moved(draft.value, from, to)),
    problems: (scene: DraftScene) => problemsOf(scene, limits.value, kept),
    complete: computed(() => savable(draft.value, limits.value, kept)),
    takeTheirs(): void {
      const other = theirs.value;
      if (!other?.script) return;
      history.before(draft.value, "");
      show(draftOf(other.script));
      autosave.replace(draft.value, other.scriptVersion);
      theirs.value = undefined;
    },
    async keepMine(): Promise<void> {
      const other = theirs.value;
      if (!other?.script) return;
      theirs.value = undefined;
      await autosave.keepMine(draftOf(other.script), other.scriptVersion);
    },
  };
}

export type Editor = ReturnType<typeof useEditor>;

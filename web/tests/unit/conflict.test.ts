// What is said of two versions before one is chosen.
import { mount } from "@vue/test-utils";
import { expect, test } from "vitest";
import { computed, ref, shallowRef } from "vue";

import ConflictNote from "@/components/ConflictNote.vue";
import type { Editor } from "@/composables/editor";
import { i18n, speak } from "@/i18n";
import { draftOf } from "@/script/draft";

const script = (count: number, words: string) => ({
  title: words,
  draft: false,
  scenes: Array.from({ length: count }, (_, n) => ({ id: `${n}`, narration: `${words} ${n + 1}`, heading: "", card: { kind: "title" as const, subtitle: "" } })),
});

test.each([
  [3, 4, ""],
  [6, 6, "另有 2 处不同。"],
])("of %i scenes that differ, and the title, at most five are shown, and how many more there are", async (scenes, lines, more) => {
  await speak("zh-CN");
  const editor = {
    draft: computed(() => draftOf(script(scenes, "我的"))),
    state: ref("conflict"),
    theirs: shallowRef({ script: script(scenes, "对方的") }),
  } as unknown as Editor;
  const note = mount(ConflictNote, { props: { editor }, global: { plugins: [i18n] } });

  const shown = note.findAll("li").map((line) => line.text());

  expect(shown).toHaveLength(lines);
  expect(shown.slice(0, 2)).toEqual(["标题 对方的", "第 1 段 · 旁白 对方的 1"]);
  expect(shown.join()).toContain(more);
});

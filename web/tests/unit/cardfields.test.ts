// A card's fields: what is typed is the draft's with each stroke, also where it can't be stored yet.
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { mount } from "@vue/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { nextTick } from "vue";

import type { Card } from "@/api/types";
import CardFields from "@/components/CardFields.vue";
import { LEAST } from "@/composables/options";
import { i18n, speak } from "@/i18n";
import { problemsOf } from "@/script/draft";

beforeEach(async () => {
  await speak("zh-CN");
  vi.stubGlobal("fetch", () => new Promise<Response>(() => undefined));
});

/** The fields as a scene has them: what they make of the card comes back to them. */
function fields(card: Card) {
  const it = mount(CardFields, {
    props: { id: "a", projectId: "p1", modelValue: card, "onUpdate:modelValue": (now: Card) => void it.setProps({ modelValue: now }) },
    global: { plugins: [i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]] },
  });
  const now = (): Card => it.props("modelValue");
  const problems = () => problemsOf({ key: "a", narration: "旁白", heading: "", card: now() }, LEAST.limits);
  /** With the cursor still in it: no change is announced. */
  const type = async (text: string): Promise<void> => {
    const area = it.get<HTMLTextAreaElement>("textarea");
    area.element.value = text;
    await area.trigger("input");
    await nextTick();
  };
  const text = (): string => it.get<HTMLTextAreaElement>("textarea").element.value;
  return { it, now, problems, type, text };
}

test.each(["list", "steps"] as const)("items of a card of %s are the draft's while they are typed, and stay as they were typed", async (kind) => {
  const { now, problems, type, text } = fields({ kind, items: ["旧的"] });
  await type("一\n二 \n");
  expect(now()).toEqual({ kind, items: ["一", "二"] });
  expect(text()).toBe("一\n二 \n");
  expect(problems()).toEqual([]);
});

test("more items than a card holds are kept and said, not cut off", async () => {
  const { now, problems, type } = fields({ kind: "list", items: ["旧的"] });
  await type("一\n二\n三\n四\n五\n六\n七\n八\n九");
  expect(now()).toMatchObject({ items: ["一", "二", "三", "四", "五", "六", "七", "八", "九"] });
  expect(problems()).toEqual(["cardOverfull"]);
});

test("items that are taken back are those of the field again", async () => {
  const { it, type, text } = fields({ kind: "list", items: ["旧的"] });
  await type("新的");
  await it.setProps({ modelValue: { kind: "list", items: ["旧的"] } });
  expect(text()).toBe("旧的");
});

test.each([
  ["bars", { kind: "bars", unit: "", bars: [{ label: "北京", value: 72 }] }],
  ["line", { kind: "line", unit: "", points: [{ label: "北京", value: 72 }, { label: "上海", value: 68 }] }],
] as const)("a line of %s that can't be read makes the scene incomplete until it can, or is taken back", async (_, card) => {
  const { it, now, problems, type, text } = fields(card as unknown as Card);
  await type("北京 72\n广州");
  expect(now()).not.toEqual(card);
  expect(problems()).toEqual(["cardIncomplete"]);
  expect(text()).toBe("北京 72\n广州");
  expect(it.text()).toContain("有 1 行不是");

  await type("北京 72\n广州 9");
  expect(problems()).toEqual([]);
  await type("什么也不是");
  await it.setProps({ modelValue: card as unknown as Card });
  expect(text()).toContain("北京 72");
  expect(it.text()).not.toContain("行不是");
});

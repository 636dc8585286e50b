import { expect, test } from "vitest";

import { LEAST } from "@/composables/options";
import { decoded, emptyForm, type Form, problems, request, spokenLanguage } from "@/create/form";

const form = (change: Partial<Form> = {}, text = "一篇文章。"): Form => ({
  ...emptyForm(),
  texts: { article: text, outline: text, topic: text },
  ...change,
});
const wrong = (one: Form): string[] => Object.values(problems(one, LEAST.limits)).map((problem) => problem.key);

test.each([
  [[], form()],
  [["articleMissing"], form({}, "  \n ")],
  [["topicMissing"], form({ kind: "topic" }, "")],
  [["tooLong"], form({}, "字".repeat(20_001))],
  [[], form({}, "𠮷".repeat(20_000))],
  [["tooLong"], form({ kind: "topic" }, "题".repeat(501))],
  [["tooLong"], form({ title: "题".repeat(201) })],
  [["outside"], form({ seconds: 601 })],
  [["outside"], form({ seconds: 14 })],
])("problems: %j", (expected, one) => {
  expect(wrong(one)).toEqual(expected);
});

test("only what was chosen is sent", () => {
  expect(request(form({ kind: "topic" }, " 雨水 "))).toEqual({ topic: "雨水", aspect: "16:9", targetSeconds: 60 });
  expect(request(form({ language: "en", voice: "v", music: "m", autoProduce: true, title: " 题 " }))).toMatchObject({
    article: "一篇文章。", title: "题", language: "en", voice: "v", music: "m", autoProduce: true,
  });
});

test("the language is that of the text until it is chosen", () => {
  expect(spokenLanguage(form({}, "Only words."))).toBe("en");
  expect(spokenLanguage(form({}, "几个字 and words"))).toBe("zh-CN");
  expect(spokenLanguage(form({ language: "zh-CN" }, "Only words."))).toBe("zh-CN");
});

test("files are read as UTF-8, else as Chinese editors used to write", () => {
  expect(decoded(new TextEncoder().encode("中文"))).toBe("中文");
  expect(decoded(Uint8Array.from([0xd6, 0xd0, 0xce, 0xc4]))).toBe("中文");
});

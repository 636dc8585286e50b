// The language is changed, and changed back, before the other one's words are there.
import { expect, test } from "vitest";

import { i18n, speak } from "@/i18n";

test("of two languages that are asked for at once the last one is spoken, though its words are there first", async () => {
  await speak("zh-CN");

  await Promise.all([speak("en"), speak("zh-CN")]);

  expect(i18n.global.locale.value).toBe("zh-CN");
});

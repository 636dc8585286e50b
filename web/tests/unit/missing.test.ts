import { expect, test } from "vitest";

import { i18n, speak } from "@/i18n";

test("words that are missing at run time stop a test", async () => {
  await speak("en");
  expect(() => i18n.global.t("failed.nobodyWroteThis" as never)).toThrow("no words for failed.nobodyWroteThis in en");
});

// @vitest-environment node
import { expect, test } from "vitest";

import { faults, used } from "../../scripts/locales.ts";

test("both languages have the same keys and parameters, and all of them are used", () => {
  expect(faults()).toEqual([]);
});

test("keys are found in calls, also behind a question, and prefixes in templates", () => {
  const found = used('t("a.b"); t(ready ? "c.d" : \'e.f\', { n: 1 }); te(`g.${code}`); "video.mp4"');
  expect(found.keys).toEqual(["a.b", "c.d", "e.f"]);
  expect(found.prefixes).toEqual(["g."]);
});

// @vitest-environment node
import { expect, test } from "vitest";

import { faults, localesInStep, messagesOf, used } from "../../scripts/locales.ts";

test("both languages have the same keys and parameters, and all of them are used", () => {
  expect(faults()).toEqual([]);
});

test("a key that one language lacks, that nobody uses or that says something else is a fault", () => {
  const [zh, en] = [messagesOf("zh-CN"), messagesOf("en")];
  en.delete("nav.create");
  en.set("run.elapsed", "{time} so far");
  zh.set("nav.forgotten", "没有人用");
  en.set("nav.forgotten", "Nobody uses it");
  const found = faults(zh, en).join("\n");
  expect(found).toContain("en lacks nav.create");
  expect(found).toContain("run.elapsed: other parameters");
  expect(found).toContain("nav.forgotten");
});

test("a fault stops the build", () => {
  const build = localesInStep(() => ["en lacks nav.create"]).buildStart as (this: { error(text: string): never }) => void;
  const error = (text: string): never => {
    throw new Error(text);
  };
  expect(() => build.call({ error })).toThrow("en lacks nav.create");
});

test("keys are found in calls, also behind a question, and prefixes in templates", () => {
  const found = used('t("a.b"); t(ready ? "c.d" : \'e.f\', { n: 1 }); te(`g.${code}`); "video.mp4"');
  expect(found.keys).toEqual(["a.b", "c.d", "e.f"]);
  expect(found.prefixes).toEqual(["g."]);
});

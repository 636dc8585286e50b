// @vitest-environment node
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
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

test("a fault stops a real build, and nothing is written", async () => {
  const folder = mkdtempSync(join(tmpdir(), "build-"));
  writeFileSync(join(folder, "index.html"), "<title>A page</title>");
  const built = (look?: () => string[]) =>
    build({ root: folder, configFile: false, logLevel: "silent", plugins: [localesInStep(look)] });

  await expect(built(() => ["en lacks nav.create"])).rejects.toThrow("en lacks nav.create");
  expect(existsSync(join(folder, "dist"))).toBe(false);
  await built();
  expect(existsSync(join(folder, "dist"))).toBe(true);
});

test("keys are found in calls, also behind a question, and prefixes in templates", () => {
  const found = used('t("a.b"); t(ready ? "c.d" : \'e.f\', { n: 1 }); te(`g.${code}`); "video.mp4"');
  expect(found.keys).toEqual(["a.b", "c.d", "e.f"]);
  expect(found.prefixes).toEqual(["g."]);
});

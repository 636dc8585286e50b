// @vitest-environment node
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Chunk {
  /** Bytes, none of which gzip can save. */
  size: number;
  imports?: string[];
  dynamicImports?: string[];
  isEntry?: boolean;
}

const VIEW = "src/views/OneView.vue";
const BELL = "src/components/Bell.vue";
const MENU = "src/components/AppMenu.vue";

function weighed(chunks: Record<string, Chunk>) {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  const manifest = Object.entries(chunks).map(([key, { size, ...chunk }], n) => {
    writeFileSync(join(folder, `${n}.js`), randomBytes(size));
    return [key, { ...chunk, file: `${n}.js` }];
  });
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(Object.fromEntries(manifest)));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/budget.mjs"], {
    env: { ...process.env, PAGE_OUT: folder },
    encoding: "utf8",
  });
  const kB = (name: string) => Math.floor(Number(new RegExp(`([\\d.]+) kB of \\d+  ${name}`).exec(stdout)?.[1]));
  return { status, stderr, kB };
}

test("what entry and route share is weighed once, and a route by what it adds", () => {
  const { status, kB } = weighed({
    "index.html": { size: 40_000, imports: ["shared"], isEntry: true, dynamicImports: [VIEW] },
    shared: { size: 60_000 },
    [VIEW]: { size: 70_000, imports: ["shared"] },
  });
  expect([status, kB("entry"), kB(VIEW)]).toEqual([0, 100, 70]);
});

test("parts that a first view imports by itself are weighed with it, and their imports", () => {
  const { status, stderr, kB } = weighed({
    "index.html": { size: 100_000, isEntry: true, dynamicImports: [VIEW, BELL] },
    [BELL]: { size: 10_000 },
    [VIEW]: { size: 70_000, dynamicImports: ["src/components/Panel.vue"] },
    "src/components/Panel.vue": { size: 30_000, imports: ["editor"] },
    editor: { size: 25_000 },
  });
  expect([kB("entry"), kB(VIEW)]).toEqual([110, 125]);
  expect([status, stderr.trim()]).toEqual([1, `Too heavy: ${VIEW}`]);
});

test("too heavy an entry fails, too", () => {
  const { status, stderr } = weighed({
    "index.html": { size: 100_000, isEntry: true, dynamicImports: [BELL] },
    [BELL]: { size: 31_000 },
  });
  expect([status, stderr.trim()]).toEqual([1, "Too heavy: entry"]);
});

test("what is opened later weighs nothing, and of the languages the heavier one does", () => {
  const { status, kB } = weighed({
    "index.html": { size: 50_000, isEntry: true, dynamicImports: [MENU, "src/locales/en.json", "src/locales/zh-CN.json"] },
    [MENU]: { size: 200_000 },
    "src/locales/en.json": { size: 20_000 },
    "src/locales/zh-CN.json": { size: 30_000 },
  });
  expect([status, kB("entry")]).toEqual([0, 80]);
});

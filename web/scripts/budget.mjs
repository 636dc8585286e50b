// Weighs what a browser loads for a first view, in gzip bytes of JavaScript: the page itself, and
// each route beyond it, with the parts that are imported only once they are shown.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const ENTRY = 130_000;
const ROUTE = 120_000;
const VIEW = /^src\/views\/.*\.vue$/;
/** Loaded when it is opened, told or chosen. */
const LATER = [/\/AppMenu\.vue$/, /\/notification\.ts$/, /(^|\/)examples\//];
/** One of them is. */
const LANGUAGES = [/\/zh-cn\.\w+$/i, /\/en\.\w+$/];

const folder = process.env.PAGE_OUT ?? "dist";
const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));

/** The files that a chunk needs at once, and those of the parts it shows; `without`: which parts it does not. */
function files(key, without, found = new Set()) {
  const chunk = manifest[key];
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const other of chunk.imports ?? []) files(other, without, found);
  for (const part of chunk.dynamicImports ?? []) {
    if (![VIEW, ...LATER, ...without].some((name) => name.test(part))) files(part, without, found);
  }
  return found;
}

const weight = (names) =>
  [...names].filter((name) => name.endsWith(".js"))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const firsts = LANGUAGES.map((other) => files(entry, [other])).sort((a, b) => weight(b) - weight(a));
const heavy = [];
const show = (name, bytes, most) => {
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB of ${most / 1000}  ${name}`);
  if (bytes > most) heavy.push(name);
};
show("entry", weight(firsts[0]), ENTRY);
for (const key of Object.keys(manifest).filter((name) => VIEW.test(name))) {
  show(key, weight([...files(key, [])].filter((file) => !firsts[0].has(file))), ROUTE);
}
if (heavy.length) {
  console.error(`Too heavy: ${heavy.join(", ")}`);
  process.exit(1);
}

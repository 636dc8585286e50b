// Weighs what a browser loads: the entry, and each route beyond it, in gzip bytes of JavaScript.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const ENTRY = 130_000;
const ROUTE = 120_000;
const folder = process.env.PAGE_OUT ?? "dist";
const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));

/** All JavaScript that a chunk needs at once. */
function files(key, found = new Set()) {
  const chunk = manifest[key];
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const other of chunk.imports ?? []) files(other, found);
  return found;
}

const weight = (names) =>
  [...names].filter((name) => name.endsWith(".js"))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = files(entry);
const heavy = [];
const show = (name, bytes, most) => {
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB of ${most / 1000}  ${name}`);
  if (bytes > most) heavy.push(name);
};
show("entry", weight(first), ENTRY);
for (const key of Object.keys(manifest).filter((name) => /^src\/views\/.*\.vue$/.test(name))) {
  show(key, weight([...files(key)].filter((file) => !first.has(file))), ROUTE);
}
if (heavy.length) {
  console.error(`Too heavy: ${heavy.join(", ")}`);
  process.exit(1);
}

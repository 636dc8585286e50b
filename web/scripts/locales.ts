/** Both languages have the same keys and parameters, and every key that is used exists: else no build. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const SOURCES = fileURLToPath(new URL("../src", import.meta.url));

type Messages = { [key: string]: string | Messages };

export function flat(messages: Messages, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(messages).flatMap(([key, value]) =>
      typeof value === "string" ? [[prefix + key, value] as const] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}

export function messagesOf(language: string): Map<string, string> {
  return flat(JSON.parse(readFileSync(join(SOURCES, "locales", `${language}.json`), "utf8")) as Messages);
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : /\.(vue|ts)$/.test(path) ? [path] : [];
  });
}

/** Keys said in `t(…)`, literals that may be keys, and what stands before the first `${` in a template. */
export function used(source: string): { keys: string[]; literals: string[]; prefixes: string[] } {
  const literal = /["']([a-z]\w*(?:\.[\w-]+)+)["']/g;
  const calls = [...source.matchAll(/\bte?\(([^()]*)/g)].map((match) => match[1] ?? "");
  const keys = calls.flatMap((call) => [...call.matchAll(literal)].map((match) => match[1] ?? ""));
  const literals = [...source.matchAll(literal)].map((match) => match[1] ?? "");
  const prefixes = [...source.matchAll(/\bte?\(\s*`([\w.-]+\.[\w-]*)\$\{/g)].map((match) => match[1] ?? "");
  return { keys, literals, prefixes };
}

function parameters(text: string): string {
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort().join(",");
}

export function faults(zh = messagesOf("zh-CN"), en = messagesOf("en")): string[] {
  const found: string[] = [];
  for (const key of zh.keys()) if (!en.has(key)) found.push(`en lacks ${key}`);
  for (const [key, text] of en) {
    const other = zh.get(key);
    if (other === undefined) found.push(`zh-CN lacks ${key}`);
    else if (parameters(text) !== parameters(other)) found.push(`${key}: other parameters`);
    if (!text.trim() || !other?.trim()) found.push(`${key} is empty`);
  }
  const said = new Set<string>();
  const prefixes = new Set<string>();
  for (const file of files(SOURCES)) {
    const inside = used(readFileSync(file, "utf8"));
    for (const key of inside.literals) said.add(key);
    for (const key of inside.keys) {
      if (!zh.has(key)) found.push(`${file.slice(SOURCES.length + 1)} uses ${key}, which is nowhere`);
    }
    for (const prefix of inside.prefixes) prefixes.add(prefix);
  }
  for (const key of zh.keys()) {
    const reached = said.has(key) || [...prefixes].some((prefix) => key.startsWith(prefix));
    if (!reached) found.push(`${key} is never used`);
  }
  return found;
}

export function localesInStep(look: () => string[] = faults): Plugin {
  return {
    name: "locales-in-step",
    apply: "build",
    buildStart() {
      const found = look();
      if (found.length) this.error(`Locales are out of step:\n  ${found.join("\n  ")}`);
    },
  };
}

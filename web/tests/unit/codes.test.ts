// @vitest-environment node
// Whatever the API can send from a closed list has words in both languages, or is no word of the page's.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { messagesOf } from "../../scripts/locales.ts";

interface Shape {
  enum?: string[];
  const?: string;
  items?: Shape;
  anyOf?: Shape[];
  oneOf?: Shape[];
  properties?: Record<string, Shape>;
}

const { components } = JSON.parse(readFileSync("openapi.json", "utf8")) as { components: { schemas: Record<string, Shape> } };

const valuesOf = (shape: Shape): string[] => [
  ...(shape.enum ?? (shape.const ? [shape.const] : [])),
  ...[shape.items ?? [], shape.anyOf ?? [], shape.oneOf ?? []].flat().flatMap(valuesOf),
];

/** Every closed list of the document by "Schema" or "Schema.field". */
const lists = Object.entries(components.schemas).flatMap(([name, schema]) => [
  [name, valuesOf(schema)] as const,
  ...Object.entries(schema.properties ?? {}).map(([field, shape]) => [`${name}.${field}`, valuesOf(shape)] as const),
]).filter(([, values]) => values.length);

const SAID: [RegExp, string][] = [
  [/^ProjectStatus$/, "status."],
  [/\.languages?$/, "language."],
  [/\.aspects?$/, "aspect."],
  [/\.captions$/, "captions."],
  [/\.stage$/, "stage."],
  [/^VoiceView\.gender$/, "voice."],
  [/^SourceView\.kind$/, "create.kind."],
  [/Card\.kind$/, "card.kind."],
  [/^FootageCard\.frame$/, "card.frame."],
  [/^FootageCard\.ending$/, "card.ending."],
];
/** What the page decides by and never says, and the operators' desk, which is no part of it. */
const UNSAID = [
  /^(RunKind|RunState|TaskState)$/, /\.step$/, /^(PreviewView|SampleView)\.state$/, /^(UploadView|UploadedPicture)\.kind$/,
  /^(Revise\.kind|OptionsView\.(revisions|visuals))$/, /^AfterCloseView\.outcome$/, /\.settledAs$/, /^LetterView\.way$/, /^QueueView\.role$/,
];

test.each(["zh-CN", "en"])("every value of the API's closed lists has words in %s", (language) => {
  const words = messagesOf(language);
  const missing = lists.flatMap(([list, values]) => {
    const prefix = SAID.find(([name]) => name.test(list))?.[1];
    return prefix === undefined ? [] : values.map((value) => prefix + value.replace(":", "x")).filter((key) => !words.has(key));
  });
  expect(missing).toEqual([]);
});

test("for every closed list it is known whether the page says it, and nothing is known of others", () => {
  const known = [...SAID.map(([name]) => name), ...UNSAID];
  expect(lists.map(([list]) => list).filter((list) => !known.some((name) => name.test(list)))).toEqual([]);
  expect(known.filter((name) => !lists.some(([list]) => name.test(list)))).toEqual([]);
});

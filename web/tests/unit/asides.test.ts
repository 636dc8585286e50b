import { expect, test } from "vitest";

import { answered, type Making } from "@/live/asides";
import { sentences } from "@/script/spoken";

const making: Making = { state: "making" };
const ready: Making = { state: "ready" };

test("what is there is not asked for again", async () => {
  const asked: string[] = [];

  const answer = await answered(
    async () => (asked.push("ask"), ready),
    async () => (asked.push("wait"), ready),
  );

  expect([answer, asked]).toEqual([ready, ["ask"]]);
});

test("it is asked for once, and looked for until it is ready", async () => {
  const asked: string[] = [];
  const answers = [making, making, ready];

  const answer = await answered(
    async () => (asked.push("ask"), making),
    async () => (asked.push("wait"), answers.shift() ?? ready),
  );

  expect([answer, asked]).toEqual([ready, ["ask", "wait", "wait", "wait"]]);
});

test("a refusal ends it", async () => {
  const refused = answered(
    async () => making,
    () => Promise.reject(new Error("refused")),
  );

  await expect(refused).rejects.toThrow("refused");
});

test.each([
  ["只有一句。", 1],
  ["没有标点", 1],
  ["第一句。第二句！", 2],
  ["It costs 3.5 dollars. Really?", 2],
  ["", 0],
])("%s has %i sentences", (text, count) => {
  expect(sentences(text)).toBe(count);
});

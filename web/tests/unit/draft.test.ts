// Two versions of a script beside each other.
import { expect, test } from "vitest";

import type { Card } from "@/api/types";
import { LEAST } from "@/composables/options";
import { added, changed, type Difference, differences, type Draft, draftOf, identified, isStoredAs, moved, problemsOf, removed } from "@/script/draft";

const scene = (id: string) => ({ id, narration: `旁白 ${id}`, heading: "", card: { kind: "list" as const, items: ["一"] } });
const draft = draftOf({ title: "题目", scenes: [scene("a"), scene("b"), scene("c")] });

test.each<[string, Draft, Difference[]]>([
  ["nothing", draft, []],
  ["blanks at an end, and empty fields", changed(draft, "a", { narration: "旁白 a ", card: { items: ["一"], kind: "list", more: null } as unknown as Card }), []],
  ["the title", { ...draft, title: "别的题目" }, [{ what: "title", n: 0, text: "别的题目" }]],
  ["a narration", changed(draft, "b", { narration: "别的" }), [{ what: "narration", n: 2, text: "别的" }]],
  ["a heading", changed(draft, "c", { heading: "别的" }), [{ what: "heading", n: 3, text: "别的" }]],
  ["a card", changed(draft, "a", { card: { kind: "list", items: ["一", "二"] } }), [{ what: "card", n: 1, text: "一 / 二" }]],
  ["a card of another kind with the same words", changed(draft, "a", { card: { kind: "steps", items: ["一"] } }), [{ what: "card", n: 1, text: "一" }]],
  ["the order", moved(draft, 2, 0), [{ what: "order", n: 0, text: "" }]],
  ["a scene that is gone there", removed(draft, "b"), [{ what: "lacking", n: 2, text: "旁白 b" }]],
  ["a scene that is new there", draftOf({ title: "题目", scenes: [scene("a"), scene("d"), scene("b"), scene("c")] }), [{ what: "extra", n: 2, text: "旁白 d" }]],
])("another version differs in %s", (_, theirs, found) => {
  expect(differences(draft, theirs)).toEqual(found);
});

test("a scene that is new here, and not sent yet, is only in this version", () => {
  const mine = changed(added(draft, 0, "new"), "new", { narration: "新的一段" });
  expect(differences(mine, draft)).toEqual([{ what: "lacking", n: 2, text: "新的一段" }]);
});

test("a picture that was uploaded is stored as the server has it, and is no difference", () => {
  const picture = (of: unknown) => ({ kind: "picture", picture: of, caption: "", prompt: "", take: 0 }) as Card;
  const card = picture("upload:u1"); // as PictureField has it
  const made = picture({ path: "blob/1.png", size: 1, media_type: "image/png" });
  const sent: Draft = { title: "t", scenes: [{ key: "a", id: "a", narration: "一", heading: "", card }] };
  const stored: Draft = { title: "t", scenes: [{ ...sent.scenes[0]!, card: made }] };
  expect(isStoredAs(sent, stored)).toBe(true);
  expect(identified(sent, sent, stored).scenes[0]?.card).toBe(made);
  const other = { ...sent, scenes: [{ ...sent.scenes[0]!, card: picture("upload:u2") }] };
  expect(identified(other, sent, stored)).toEqual(other);
});

test("an item that is too long is a problem, but not one that a writer has made", () => {
  const item = "长".repeat(401);
  const scene = { key: "a", narration: "一", heading: "", card: { kind: "list" as const, items: [item] } };
  expect(problemsOf(scene, LEAST.limits)).toEqual(["cardItemTooLong"]);
  expect(problemsOf(scene, LEAST.limits, new Set([item]))).toEqual([]);
});

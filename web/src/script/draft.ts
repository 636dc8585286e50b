/** A script while it is edited: scenes with keys of their own, undo, and what may be saved. Pure. */
import type { Card, EditedScript, Limits as All, Scene, Script } from "@/api/types";
import { length } from "@/create/form";
import { alike, complete, isUpload, itemsOf, LONGEST_ITEM, overfull, said } from "./card";

export interface DraftScene {
  /** Stays while the scene is edited, also before the server has given it an id. */
  readonly key: string;
  readonly id?: string;
  readonly narration: string;
  readonly heading: string;
  readonly card: Card;
}

export interface Draft {
  readonly title: string;
  readonly scenes: readonly DraftScene[];
}

export const draftOf = (script: Pick<Script, "title" | "scenes">): Draft => ({
  title: script.title,
  scenes: script.scenes.map((scene: Scene) => ({
    key: scene.id,
    id: scene.id,
    narration: scene.narration,
    heading: scene.heading ?? "",
    card: scene.card ?? { kind: "title", subtitle: "" },
  })),
});

export const changed = (draft: Draft, key: string, change: Partial<DraftScene>): Draft => ({
  ...draft,
  scenes: draft.scenes.map((scene) => (scene.key === key ? { ...scene, ...change } : scene)),
});

export function added(draft: Draft, after: number, key: string): Draft {
  const scene: DraftScene = { key, narration: "", heading: "", card: { kind: "title", subtitle: "" } };
  return { ...draft, scenes: draft.scenes.toSpliced(after + 1, 0, scene) };
}

export const removed = (draft: Draft, key: string): Draft => ({
  ...draft,
  scenes: draft.scenes.filter((scene) => scene.key !== key),
});

export function moved(draft: Draft, from: number, to: number): Draft {
  const scene = draft.scenes[from];
  if (!scene || to < 0 || to >= draft.scenes.length) return draft;
  return { ...draft, scenes: draft.scenes.toSpliced(from, 1).toSpliced(to, 0, scene) };
}

/** What the server made of what was sent, by the places there: ids of new scenes, and pictures of uploads. */
export function identified(draft: Draft, sent: Draft, script: { scenes: readonly { id?: string; card?: Card }[] }): Draft {
  const made = new Map(sent.scenes.map((scene, index) => [scene.key, { sent: scene.card, ...script.scenes[index] }]));
  return {
    ...draft,
    scenes: draft.scenes.map((scene) => {
      const one = made.get(scene.key);
      const id = scene.id ?? one?.id;
      const card = one?.card && scene.card === one.sent && isUpload(scene.card) ? one.card : scene.card;
      return id === scene.id && card === scene.card ? scene : { ...scene, ...(id !== undefined && { id }), card };
    }),
  };
}

type Limits = Pick<All, "narrationChars" | "headingChars" | "scenes" | "titleChars">;
export type SceneProblem = "narrationMissing" | "narrationTooLong" | "headingTooLong" | "cardIncomplete" | "cardOverfull" | "cardItemTooLong";

const NONE: ReadonlySet<string> = new Set();

/** `kept`: items that a writer has made, which may stay however long they are. */
export function problemsOf(scene: DraftScene, limits: Limits, kept = NONE): SceneProblem[] {
  const found: SceneProblem[] = [];
  if (!scene.narration.trim()) found.push("narrationMissing");
  if (length(scene.narration.trim()) > limits.narrationChars) found.push("narrationTooLong");
  if (length(scene.heading.trim()) > limits.headingChars) found.push("headingTooLong");
  if (!complete(scene.card)) found.push("cardIncomplete");
  if (overfull(scene.card)) found.push("cardOverfull");
  if (itemsOf(scene.card).some((item) => length(item) > LONGEST_ITEM && !kept.has(item))) found.push("cardItemTooLong");
  return found;
}

export function savable(draft: Draft, limits: Limits, kept = NONE): boolean {
  const titled = draft.title.trim() !== "" && length(draft.title.trim()) <= limits.titleChars;
  const some = draft.scenes.length > 0 && draft.scenes.length <= limits.scenes;
  return titled && some && draft.scenes.every((scene) => problemsOf(scene, limits, kept).length === 0);
}

export const wire = (draft: Draft): EditedScript => ({
  title: draft.title,
  scenes: draft.scenes.map((scene) => ({
    ...(scene.id !== undefined && { id: scene.id }),
    narration: scene.narration,
    heading: scene.heading,
    card: scene.card,
  })),
});

export const same = (one: Draft, other: Draft): boolean =>
  JSON.stringify(wire(one)) === JSON.stringify(wire(other));

const told = (scene?: DraftScene): string => JSON.stringify({ ...scene, id: undefined });

/** The first scene of `now` that is not as it was in `before`; its last where only what came after it is gone. */
export function differsAt(before: Draft, now: Draft): number {
  const found = now.scenes.findIndex((scene, index) => told(scene) !== told(before.scenes[index]));
  return found < 0 ? now.scenes.length - 1 : found;
}

/** In what another version is not as this one; `n` is the scene's place, in this one where the other lacks it. */
export interface Difference {
  what: "title" | "narration" | "heading" | "card" | "extra" | "lacking" | "order";
  n: number;
  /** What the other version says there; of a scene that it lacks, what this one says. */
  text: string;
}

const sameText = (one: string, other: string): boolean => one.trim() === other.trim();
const common = (scenes: readonly DraftScene[], ids: ReadonlyMap<string | undefined, unknown>): string =>
  scenes.filter((scene) => ids.has(scene.id)).map((scene) => scene.id).join();

export function differences(mine: Draft, theirs: Draft): Difference[] {
  const own = new Map(mine.scenes.filter((scene) => scene.id !== undefined).map((scene) => [scene.id, scene]));
  const other = new Map(theirs.scenes.map((scene) => [scene.id, scene]));
  const found: Difference[] = sameText(mine.title, theirs.title) ? [] : [{ what: "title", n: 0, text: theirs.title }];
  theirs.scenes.forEach((scene, index) => found.push(...differing(own.get(scene.id), scene, index + 1)));
  mine.scenes.forEach((scene, index) => {
    if (!other.has(scene.id)) found.push({ what: "lacking", n: index + 1, text: scene.narration });
  });
  if (common(mine.scenes, other) !== common(theirs.scenes, own)) found.push({ what: "order", n: 0, text: "" });
  return found;
}

/** Whether `stored` is what came of `sent`, whose new scenes had no ids yet. */
export function isStoredAs(sent: Draft, stored: Draft): boolean {
  return sent.scenes.length === stored.scenes.length && differences(identified(sent, sent, stored), stored).length === 0;
}

function differing(mine: DraftScene | undefined, theirs: DraftScene, n: number): Difference[] {
  if (!mine) return [{ what: "extra", n, text: theirs.narration }];
  const found: Difference[] = [];
  if (!sameText(mine.narration, theirs.narration)) found.push({ what: "narration", n, text: theirs.narration });
  if (!sameText(mine.heading, theirs.heading)) found.push({ what: "heading", n, text: theirs.heading });
  if (!alike(mine.card, theirs.card)) found.push({ what: "card", n, text: said(theirs.card).join(" / ") });
  return found;
}

/** What can be taken back. Typing in one field is one step. */
export class History {
  private past: Draft[] = [];
  private future: Draft[] = [];
  private last = "";

  constructor(private readonly most = 200) {}

  /** Remembers what was there before a change; `what` names the field that is typed in. */
  before(draft: Draft, what: string): void {
    this.future = [];
    if (what === this.last && what !== "") return;
    this.last = what;
    this.past.push(draft);
    if (this.past.length > this.most) this.past.shift();
  }

  undo(now: Draft): Draft | undefined {
    const found = this.past.pop();
    if (found) this.future.push(now);
    this.last = "";
    return found;
  }

  redo(now: Draft): Draft | undefined {
    const found = this.future.pop();
    if (found) this.past.push(now);
    this.last = "";
    return found;
  }

  /** Nothing of what was there can be had back: another hand has been at it since. */
  clear(): void {
    this.past = [];
    this.future = [];
    this.last = "";
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }
}

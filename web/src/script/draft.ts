/** A script while it is edited: scenes with keys of their own, undo, and what may be saved. Pure. */
import type { Card, EditedScript, Limits as All, Scene, Script } from "@/api/types";
import { length } from "@/create/form";
import { complete, overfull } from "./card";

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

/** Ids that the server gave to new scenes, by their places in what was sent. */
export function identified(draft: Draft, sent: Draft, script: Pick<Script, "scenes">): Draft {
  const ids = new Map(sent.scenes.map((scene, index) => [scene.key, script.scenes[index]?.id]));
  return {
    ...draft,
    scenes: draft.scenes.map((scene) => {
      const id = ids.get(scene.key);
      return scene.id === undefined && id !== undefined ? { ...scene, id } : scene;
    }),
  };
}

type Limits = Pick<All, "narrationChars" | "headingChars" | "scenes" | "titleChars">;
export type SceneProblem = "narrationMissing" | "narrationTooLong" | "headingTooLong" | "cardIncomplete" | "cardOverfull";

export function problemsOf(scene: DraftScene, limits: Limits): SceneProblem[] {
  const found: SceneProblem[] = [];
  if (!scene.narration.trim()) found.push("narrationMissing");
  if (length(scene.narration.trim()) > limits.narrationChars) found.push("narrationTooLong");
  if (length(scene.heading.trim()) > limits.headingChars) found.push("headingTooLong");
  if (!complete(scene.card)) found.push("cardIncomplete");
  if (overfull(scene.card)) found.push("cardOverfull");
  return found;
}

export function savable(draft: Draft, limits: Limits): boolean {
  const titled = draft.title.trim() !== "" && length(draft.title.trim()) <= limits.titleChars;
  const some = draft.scenes.length > 0 && draft.scenes.length <= limits.scenes;
  return titled && some && draft.scenes.every((scene) => problemsOf(scene, limits).length === 0);
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

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }
}

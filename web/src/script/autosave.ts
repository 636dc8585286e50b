/**
 * Saves what is typed, a moment after the last stroke, one save at a time, each naming the version
 * that it changes. Another hand's version is never overwritten: the user decides.
 */
import { ApiError } from "@/api/errors";
import type { Edited, Script } from "@/api/types";
import { draftOf, identified, isStoredAs, same, type Draft } from "./draft";

export type SaveState = "saved" | "typing" | "saving" | "incomplete" | "conflict" | "trouble" | "refused";

export interface SavePorts {
  save(draft: Draft, version: number): Promise<Edited>;
  savable(draft: Draft): boolean;
  state(state: SaveState, error?: unknown): void;
  /** New scenes have got their ids. */
  identified(draft: Draft): void;
  saved(edited: Edited): void;
}

export const PAUSE_MS = 800;
const AGAIN_MS = 4_000;

export class Autosave {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> | undefined;
  private halted = false;
  /** What was sent without an answer: it may have been stored all the same. */
  private unanswered: Draft[] = [];

  constructor(
    private draft: Draft,
    private stored: Draft,
    private version: number,
    private readonly ports: SavePorts,
  ) {}

  /** Also where what stands there is what is stored as far as we know, and something else was sent. */
  get dirty(): boolean {
    return this.unanswered.length > 0 || !same(this.draft, this.stored);
  }

  get storedDraft(): Draft {
    return this.stored;
  }

  get storedVersion(): number {
    return this.version;
  }

  change(draft: Draft): void {
    this.draft = draft;
    if (this.halted) return;
    if (!this.dirty) {
      clearTimeout(this.timer);
      this.ports.state("saved");
    } else if (this.ports.savable(draft)) {
      this.ports.state("typing");
      this.later(PAUSE_MS);
    } else {
      clearTimeout(this.timer);
      this.ports.state("incomplete");
    }
  }

  /** Saves now; true when everything is stored. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.saving) {
      await this.saving;
      return this.flush();
    }
    if (!this.dirty) return true;
    if (this.halted || !this.ports.savable(this.draft)) return false;
    this.saving = this.save().finally(() => (this.saving = undefined));
    await this.saving;
    return !this.dirty;
  }

  /** Another change of the project, which makes a version: saves come before it or after it. */
  async after(change: () => Promise<number>): Promise<void> {
    await this.flush();
    while (this.saving) await this.saving;
    if (!this.halted) this.ports.state("saving");
    const changing = change().then((version) => {
      if (version <= this.version + 1) this.version = version; // else another hand was there, too
    });
    this.saving = changing
      .catch(() => undefined)
      .finally(() => {
        this.saving = undefined;
        this.change(this.draft);
      });
    await changing;
  }

  /** True where the version of a conflict is one that was sent from here: then it is none, and the saving goes on. */
  recognised(script: Script, version: number): boolean {
    const sent = this.unanswered.find((one) => isStoredAs(one, draftOf(script)));
    if (!sent) return false;
    this.halted = false;
    this.taken(sent, script, version);
    this.change(this.draft);
    return true;
  }

  /** The user looked at both and keeps this one: it is saved over `theirs`, which is stored as `version`. */
  async keepMine(theirs: Draft, version: number): Promise<boolean> {
    this.stored = theirs;
    this.version = version;
    this.unanswered = [];
    this.halted = false;
    this.change(this.draft);
    return this.flush();
  }

  /** Another version is taken over; what was typed here is given up. */
  replace(draft: Draft, version: number): void {
    clearTimeout(this.timer);
    this.draft = this.stored = draft;
    this.version = version;
    this.unanswered = [];
    this.halted = false;
    this.ports.state("saved");
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private later(pause: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), pause);
  }

  private async save(): Promise<void> {
    const sent = this.draft;
    this.ports.state("saving");
    try {
      const edited = await this.ports.save(sent, this.version);
      this.taken(sent, edited.script, edited.scriptVersion);
      this.ports.saved(edited);
      if (this.dirty) this.change(this.draft);
      else this.ports.state("saved");
    } catch (error) {
      this.failed(error, sent);
    }
  }

  /** `sent` is stored, as `version`. */
  private taken(sent: Draft, script: Pick<Script, "scenes">, version: number): void {
    this.version = version;
    this.unanswered = [];
    this.stored = identified(sent, sent, script);
    this.draft = identified(this.draft, sent, script);
    this.ports.identified(this.draft);
  }

  private failed(error: unknown, sent: Draft): void {
    if (error instanceof ApiError && error.code === "version_conflict") {
      this.halted = true;
      this.ports.state("conflict", error);
    } else if (error instanceof ApiError && !error.passing) {
      this.ports.state("refused", error);
    } else {
      this.unanswered.push(sent);
      this.ports.state("trouble", error);
      this.later(AGAIN_MS);
    }
  }
}

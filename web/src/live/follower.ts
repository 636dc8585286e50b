/**
 * Follows one project's run to its end: by the tab's stream where there is one, else by asking
 * again and again. Stops at once when the run ends or the page is left.
 */
import { ApiError } from "@/api/errors";
import { isActive, type Status } from "@/api/types";
import type { Channel } from "./channel";
import { newest } from "./freshness";

export type Link = "quiet" | "live" | "polling" | "reconnecting" | "signedOut" | "gone";

export interface FollowerPorts {
  channel: Pick<Channel, "listen" | "isOpen">;
  poll(projectId: string, signal: AbortSignal): Promise<Status>;
  hidden(): boolean;
  onVisibility(changed: () => void): () => void;
}

export interface Seen {
  status(status: Status): void;
  link(link: Link): void;
}

export const EVERY_MS = 3_000;
export const HIDDEN_MS = 15_000;
const TROUBLE = 3;

export class Follower {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;
  private unlisten: (() => void) | undefined;
  private unwatch: (() => void) | undefined;
  private last: Status | undefined;
  private failures = 0;
  /** A look that was asked for has not had its answer yet. */
  private wanted = false;
  private stopped = true;
  private shownLink: Link = "quiet";

  constructor(
    private readonly projectId: string,
    private readonly ports: FollowerPorts,
    private readonly seen: Seen,
  ) {}

  start(): void {
    this.stopped = false;
    this.unwatch ??= this.ports.onVisibility(() => this.visibility());
    void this.ask();
  }

  /** Nothing is asked and nothing is told after this. */
  stop(): void {
    this.stopped = true;
    this.rest();
    this.unwatch?.();
    this.unwatch = undefined;
  }

  /** Something was just ordered: look now, and follow what it began. */
  refresh(): void {
    if (this.stopped) return;
    this.wanted = true;
    void this.ask();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asking?.abort();
    const own = (this.asking = new AbortController());
    try {
      const status = await this.ports.poll(this.projectId, own.signal);
      if (this.asking !== own || this.stopped) return;
      this.asking = undefined;
      this.failures = 0;
      this.take(status);
    } catch (error) {
      if (this.asking !== own || this.stopped) return;
      this.asking = undefined;
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 404) {
      this.gone();
      return;
    }
    this.failures += 1;
    if (error instanceof ApiError && !error.passing) this.wanted = false; // the same again is refused again
    if (!this.wanted && this.last && !isActive(this.last)) return;
    if (status === 401) this.show("signedOut");
    else this.show(this.failures >= TROUBLE ? "reconnecting" : "polling");
    this.later(status === 401 ? HIDDEN_MS : 0);
  }

  private gone(): void {
    this.wanted = false;
    this.rest();
    this.show("gone");
  }

  private take(status: Status): void {
    this.last = newest(this.last, status);
    this.wanted = false;
    this.seen.status(this.last);
    if (!isActive(this.last)) {
      this.rest();
      this.show("quiet");
      return;
    }
    this.unlisten ??= this.ports.channel.listen({
      link: (open) => this.linked(open),
      status: (next) => this.told(next),
      deleted: (projectId) => {
        if (!this.stopped && projectId === this.projectId) this.gone();
      },
    });
    this.show(this.ports.channel.isOpen ? "live" : "polling");
    if (!this.ports.channel.isOpen) this.later();
  }

  private told(status: Status): void {
    if (this.stopped || status.projectId !== this.projectId) return;
    this.failures = 0;
    this.take(status);
  }

  private linked(open: boolean): void {
    if (this.stopped || !this.last || !isActive(this.last)) return;
    if (open) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    // Once on each change: what happened in between is in nobody's hands.
    void this.ask();
  }

  private visibility(): void {
    // Whoever comes back sees what other devices did meanwhile, by one look.
    if (!this.stopped && !this.ports.hidden()) void this.ask();
  }

  private later(atLeast = 0): void {
    clearTimeout(this.timer);
    const every = this.last?.pollAfterMs ?? EVERY_MS;
    this.timer = setTimeout(() => void this.ask(), Math.max(every, atLeast, this.ports.hidden() ? HIDDEN_MS : 0));
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asking?.abort();
    this.asking = undefined;
    this.unlisten?.();
    this.unlisten = undefined;
  }

  private show(link: Link): void {
    if (this.shownLink === link) return;
    this.shownLink = link;
    this.seen.link(link);
  }
}

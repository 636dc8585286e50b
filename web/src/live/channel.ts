/**
 * One stream of server-sent events for the whole tab, open while somebody listens and the tab is
 * seen. A browser has six connections for a host: a stream for each project would use them up.
 */
import type { Status } from "@/api/types";
import { eventsOf, type ServerEvent } from "./sse";

export interface Listener {
  /** The stream is there (true), or not (false): then look for yourself. */
  link(open: boolean): void;
  status(status: Status): void;
  deleted(projectId: string): void;
}

export interface ChannelPorts {
  open(signal: AbortSignal): Promise<Response>;
  hidden(): boolean;
  onVisibility(changed: () => void): void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** The server says something every 15 s; a stream that is silent for longer is a dead one. */
const SILENCE_MS = 40_000;

export class Channel {
  private readonly listeners = new Set<Listener>();
  private running: AbortController | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  isOpen = false;

  constructor(private readonly ports: ChannelPorts) {
    ports.onVisibility(() => this.settle());
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.isOpen) listener.link(true);
    this.settle();
    return () => {
      this.listeners.delete(listener);
      this.settle();
    };
  }

  /** Opens or closes as it is wanted now. */
  private settle(): void {
    const wanted = this.listeners.size > 0 && !this.ports.hidden();
    if (wanted && !this.running && this.retry === undefined) void this.run();
    if (!wanted) {
      clearTimeout(this.retry);
      this.retry = undefined;
      this.running?.abort();
      this.running = undefined;
      this.linked(false);
    }
  }

  private async run(): Promise<void> {
    const own = new AbortController();
    this.running = own;
    try {
      await this.read(own);
      this.failures += 1;
    } catch {
      this.failures += 1;
    }
    if (this.running !== own) return;
    this.running = undefined;
    this.linked(false);
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS);
    this.retry = setTimeout(() => {
      this.retry = undefined;
      this.settle();
    }, pause);
  }

  private async read(own: AbortController): Promise<void> {
    const response = await this.ports.open(own.signal);
    const kind = response.headers.get("content-type") ?? "";
    if (!response.ok || !response.body || !kind.startsWith("text/event-stream")) {
      // A server without streams is asked again now and then: it may have been upgraded.
      this.failures = Math.max(this.failures, 5);
      throw new Error(`no stream: ${response.status}`);
    }
    let silence = setTimeout(() => own.abort(), SILENCE_MS);
    try {
      this.linked(true);
      for await (const event of eventsOf(response.body)) {
        clearTimeout(silence);
        silence = setTimeout(() => own.abort(), SILENCE_MS);
        this.failures = 0;
        this.tell(event);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  private tell({ event, data }: ServerEvent): void {
    for (const listener of [...this.listeners]) {
      if (event === "status") listener.status(JSON.parse(data) as Status);
      if (event === "deleted") listener.deleted((JSON.parse(data) as Pick<Status, "projectId">).projectId);
    }
  }

  private linked(open: boolean): void {
    if (this.isOpen === open) return;
    this.isOpen = open;
    for (const listener of [...this.listeners]) listener.link(open);
  }
}

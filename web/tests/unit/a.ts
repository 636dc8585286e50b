/** What unit tests build with: statuses, streams, a channel that a test opens and closes. */
import type { Status } from "@/api/types";
import type { Listener } from "@/live/channel";

export function aStatus(change: Partial<Status> = {}): Status {
  return {
    projectId: "p1",
    status: "GENERATING_VIDEO",
    step: "production",
    progress: 10,
    progressMessage: "正在制作画面（0/2）…",
    completedAt: null,
    notified: false,
    scriptReady: true,
    scriptVersion: 1,
    videoReady: false,
    videoStale: false,
    runId: "r1",
    runKind: "production",
    runState: "active",
    runOpenedAt: "2026-11-20T08:00:00Z",
    stages: [],
    scenes: [],
    etaSeconds: null,
    queuedAhead: null,
    lastSeenAt: null,
    stalled: false,
    error: null,
    pollAfterMs: 3_000,
    ...change,
  };
}

export const ended = (change: Partial<Status> = {}): Status =>
  aStatus({ status: "EDITING", step: "editing", progress: 100, runState: "done", videoReady: true, pollAfterMs: null, ...change });

/** A tab's stream in a test's hand. */
export class Line {
  readonly listeners = new Set<Listener>();
  isOpen = false;

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.isOpen) listener.link(true);
    return () => this.listeners.delete(listener);
  }

  open(): void {
    this.isOpen = true;
    for (const one of [...this.listeners]) one.link(true);
  }

  lose(): void {
    this.isOpen = false;
    for (const one of [...this.listeners]) one.link(false);
  }

  remove(projectId: string): void {
    for (const one of [...this.listeners]) one.deleted(projectId);
  }

  send(status: Status): void {
    for (const one of [...this.listeners]) one.status(status);
  }
}

/** A tab that can be hidden. */
export class Tab {
  away = false;
  private readonly watching = new Set<() => void>();
  readonly hidden = (): boolean => this.away;
  readonly onVisibility = (changed: () => void): (() => void) => {
    this.watching.add(changed);
    return () => this.watching.delete(changed);
  };

  hide(away: boolean): void {
    this.away = away;
    for (const changed of [...this.watching]) changed();
  }
}

export class Pipe {
  private control!: ReadableStreamDefaultController<Uint8Array>;
  readonly body = new ReadableStream<Uint8Array>({ start: (control) => void (this.control = control) });

  say(text: string): void {
    this.control.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    this.control.close();
  }

  answer(): Response {
    return new Response(this.body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  }
}

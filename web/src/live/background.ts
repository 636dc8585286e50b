/**
 * Runs that the user started and walked away from: their end is noticed on any page, by the tab's
 * stream, else by one calm look at the unfinished projects for all of them together.
 */
import { ApiError } from "@/api/errors";
import { isActive, type Status, type Unfinished } from "@/api/types";
import type { Channel } from "./channel";
import { HIDDEN_MS } from "./follower";

export interface BackgroundPorts {
  channel: Pick<Channel, "listen" | "isOpen">;
  unfinished(): Promise<Unfinished[]>;
  status(projectId: string): Promise<Status>;
}

export class Background {
  private readonly watched = new Set<string>();
  private unlisten: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ports: BackgroundPorts,
    private readonly tell: (status: Status) => void,
    private readonly gone: (projectId: string) => void,
  ) {}

  watch(projectId: string): void {
    this.watched.add(projectId);
    this.settle();
  }

  unwatch(projectId: string): void {
    this.watched.delete(projectId);
    this.settle();
  }

  private settle(): void {
    if (!this.watched.size) {
      this.unlisten?.();
      this.unlisten = undefined;
      clearTimeout(this.timer);
      this.timer = undefined;
      return;
    }
    this.unlisten ??= this.ports.channel.listen({
      link: (open) => (open ? void this.look() : this.later()),
      status: (status) => this.told(status),
      deleted: (projectId) => this.lost(projectId),
    });
    if (!this.ports.channel.isOpen && this.timer === undefined) this.later();
  }

  private told(status: Status): void {
    if (!this.watched.has(status.projectId)) return;
    if (!isActive(status)) this.watched.delete(status.projectId);
    this.tell(status);
    this.settle();
  }

  /** There is no such project any more, so there is no end of it to be told. */
  private lost(projectId: string): void {
    if (!this.watched.has(projectId)) return;
    this.gone(projectId);
    this.unwatch(projectId);
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), HIDDEN_MS);
  }

  private async look(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      const listed = await this.ports.unfinished();
      const running = new Set(
        listed.filter((one) => one.status.startsWith("GENERATING")).map((one) => one.projectId),
      );
      const asked = [...this.watched].filter((projectId) => !running.has(projectId));
      await Promise.all(asked.map((id) => this.ask(id)));
    } catch {
      // A look that failed is made again.
    }
    if (this.watched.size && !this.ports.channel.isOpen) this.later();
  }

  private async ask(projectId: string): Promise<void> {
    try {
      this.told(await this.ports.status(projectId));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.lost(projectId);
    }
  }
}

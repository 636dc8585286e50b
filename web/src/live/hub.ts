/**
 * What is known of runs in this tab: pages follow projects here, submits announce runs here, and
 * the end of each run is told exactly once.
 */
import { isActive, type Status } from "@/api/types";
import { Background, type BackgroundPorts } from "./background";
import { Follower, type FollowerPorts, type Link } from "./follower";

export interface HubPorts extends FollowerPorts, BackgroundPorts {}

export interface HubSeen {
  status(status: Status): void;
  link(projectId: string, link: Link): void;
  /** A run that was seen or announced in this tab has ended. */
  ended(status: Status): void;
}

interface Followed {
  follower: Follower;
  pages: number;
}

export class Hub {
  private readonly followed = new Map<string, Followed>();
  /** Runs whose end is awaited, by project. */
  private readonly awaited = new Map<string, string>();
  private readonly told = new Set<string>();
  private readonly background: Background;

  constructor(
    private readonly ports: HubPorts,
    private readonly seen: HubSeen,
  ) {
    this.background = new Background(
      ports,
      (status) => this.take(status),
      (projectId) => this.awaited.delete(projectId),
    );
  }

  /** A page shows the project: its status is kept fresh until the answer is called. */
  follow(projectId: string): () => void {
    const known = this.followed.get(projectId);
    if (known) {
      known.pages += 1;
    } else {
      const follower = new Follower(projectId, this.ports, {
        status: (status) => this.take(status),
        link: (link) => this.linked(projectId, link),
      });
      this.seen.link(projectId, "quiet"); // whatever was known when it was left
      this.followed.set(projectId, { follower, pages: 1 });
      this.background.unwatch(projectId);
      follower.start();
    }
    let left = false;
    return () => {
      if (!left) this.leave(projectId);
      left = true;
    };
  }

  /** The user has just ordered this run: its end will be told, however soon it comes. */
  expect(projectId: string, runId: string): void {
    this.awaited.set(projectId, runId);
    const known = this.followed.get(projectId);
    if (known) known.follower.refresh();
    else this.background.watch(projectId);
  }

  refresh(projectId: string): void {
    this.followed.get(projectId)?.follower.refresh();
  }

  /** Whether the end of this very run is told by this tab, or will be. */
  tells(status: Status): boolean {
    const { projectId, runId } = status;
    return runId !== null && (this.told.has(runId) || this.awaited.get(projectId) === runId);
  }

  private leave(projectId: string): void {
    const known = this.followed.get(projectId);
    if (!known) return;
    known.pages -= 1;
    if (known.pages > 0) return;
    known.follower.stop();
    this.followed.delete(projectId);
    if (this.awaited.has(projectId)) this.background.watch(projectId);
  }

  private linked(projectId: string, link: Link): void {
    if (link === "gone") this.awaited.delete(projectId);
    this.seen.link(projectId, link);
  }

  private take(status: Status): void {
    this.seen.status(status);
    const { projectId, runId } = status;
    if (isActive(status) && runId !== null) {
      this.awaited.set(projectId, runId);
      return;
    }
    if (runId !== null && this.awaited.get(projectId) === runId) {
      this.awaited.delete(projectId);
      this.told.add(runId);
      this.seen.ended(status);
    }
  }
}

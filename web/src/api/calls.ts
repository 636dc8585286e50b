/** Every call of the page, by what it means. */
import { BASE, body, creation, newKey, ordinary } from "./client";
import type {
  Changes,
  Edited,
  EditedScript,
  NewProject,
  Notice,
  NoticePage,
  Options,
  Project,
  ProjectPage,
  ProjectStatus,
  Run,
  Status,
  Unfinished,
} from "./types";

const at = (projectId: string) => ({ path: { project_id: projectId } });
const keyed = (key: string | undefined) => ({ "idempotency-key": key ?? newKey() });

export interface Filters {
  status?: ProjectStatus;
  search?: string;
}

export const createProject = (project: NewProject, key?: string): Promise<Project> =>
  body(
    creation.POST("/api/video-creation/projects", {
      body: project as Required<NewProject>,
      params: { header: keyed(key) },
    }),
  );

export const readProject = (projectId: string, signal?: AbortSignal): Promise<Project> =>
  body(
    ordinary.GET("/api/video-creation/projects/{project_id}", {
      params: at(projectId),
      ...(signal && { signal }),
    }),
  );

export const listProjects = (filters: Filters, cursor: string | null): Promise<ProjectPage> =>
  body(
    ordinary.GET("/api/video-creation/projects", {
      params: { query: { limit: 24, ...filters, ...(cursor !== null && { cursor }) } },
    }),
  );

export const readStatus = (projectId: string, signal?: AbortSignal): Promise<Status> =>
  body(
    ordinary.GET("/api/video-creation/projects/{project_id}/status", {
      params: at(projectId),
      ...(signal && { signal }),
    }),
  );

export const listUnfinished = (): Promise<Unfinished[]> =>
  body(ordinary.GET("/api/video-creation/unfinished"));

export const writeScript = (projectId: string, replace = false): Promise<Run> =>
  body(
    creation.POST("/api/video-creation/projects/{project_id}/script", {
      params: at(projectId),
      body: { replace },
    }),
  );

export const saveScript = (projectId: string, script: EditedScript, version: number): Promise<Edited> =>
  body(
    ordinary.PUT("/api/video-creation/projects/{project_id}/script", {
      params: { ...at(projectId), header: { "if-match": `"${version}"` } },
      body: script as never, // the client's types drop a field that can only be null
    }),
  );

export const produce = (projectId: string): Promise<Run> =>
  body(creation.POST("/api/video-creation/projects/{project_id}/production", { params: at(projectId) }));

export const cancel = (projectId: string) =>
  body(creation.POST("/api/video-creation/projects/{project_id}/cancel", { params: at(projectId) }));

export const complete = (projectId: string, acceptStale = false) =>
  body(
    creation.POST("/api/video-creation/projects/{project_id}/complete", {
      params: at(projectId),
      body: { acceptStale },
    }),
  );

export const acknowledge = (projectId: string, runId: string): Promise<{ first: boolean }> =>
  body(
    ordinary.POST("/api/video-creation/projects/{project_id}/notified", {
      params: at(projectId),
      body: { runId },
    }),
  );

/** `acceptSecondCharge`: the user agreed to pay again for a call whose outcome nobody knows. */
export const retry = (projectId: string, acceptSecondCharge: boolean): Promise<Run> =>
  body(
    creation.POST("/api/video-creation/projects/{project_id}/retry", {
      params: at(projectId),
      body: { acceptSecondCharge },
    }),
  );

export const changeProject = (projectId: string, changes: Changes): Promise<Project> =>
  body(
    ordinary.PATCH("/api/video-creation/projects/{project_id}", { params: at(projectId), body: changes }),
  );

export const deleteProject = (projectId: string) =>
  body(ordinary.DELETE("/api/video-creation/projects/{project_id}", { params: at(projectId) }));

export const restoreProject = (projectId: string) =>
  body(ordinary.POST("/api/video-creation/projects/{project_id}/restore", { params: at(projectId) }));

export const dismiss = (projectIds: string[]) =>
  body(ordinary.POST("/api/video-creation/unfinished/dismiss", { body: { projectIds } }));

export const readOptions = (): Promise<Options> => body(ordinary.GET("/api/video-creation/options"));

export const listNotices = (cursor: string | null): Promise<NoticePage> =>
  body(
    ordinary.GET("/api/video-creation/notifications", {
      params: { query: { limit: 20, ...(cursor !== null && { cursor }) } },
    }),
  );

export const readNotice = (noticeId: string): Promise<Notice> =>
  body(
    ordinary.POST("/api/video-creation/notifications/{notice_id}/read", {
      params: { path: { notice_id: noticeId } },
    }),
  );

export const artifactUrl = (projectId: string, name: string, download = false): string =>
  `${BASE}/projects/${projectId}/artifacts/${name}${download ? "?download=true" : ""}`;

/** The tab's stream of all of the caller's projects. */
export const openEvents = (signal: AbortSignal): Promise<Response> =>
  fetch(`${BASE}/events`, { headers: { Accept: "text/event-stream" }, signal, cache: "no-store" });

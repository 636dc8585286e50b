/** Every call of the page, by what it means. */
import { BASE, body, creation, newKey, ordinary, UPLOAD_MS } from "./client";
import { errorOf, networkError } from "./errors";
import type {
  Changes,
  Edited,
  EditedScript,
  Forecast,
  Happening,
  NewProject,
  Language,
  Notice,
  NoticePage,
  Options,
  Preview,
  Project,
  ProjectPage,
  ProjectStatus,
  RevisionKind,
  Run,
  Sample,
  Status,
  Timeline,
  Unfinished,
  Upload,
  UploadPage,
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

/** What happened in one run, oldest first. */
export async function happenedIn(projectId: string, runId: string, signal: AbortSignal): Promise<Happening[]> {
  const found: Happening[] = [];
  let cursor: string | null = null;
  do {
    const page: Timeline = await body(
      ordinary.GET("/api/video-creation/projects/{project_id}/timeline", {
        params: { ...at(projectId), query: { limit: 100, ...(cursor !== null && { cursor }) } },
        signal,
      }),
    );
    found.push(...page.items.filter((one) => one.runId === runId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

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

/** What a production would come to; nothing is ordered. */
export const forecast = (projectId: string, signal: AbortSignal): Promise<Forecast> =>
  body(ordinary.GET("/api/video-creation/projects/{project_id}/production", { params: at(projectId), signal }));

/** One scene done again by the writer; `instruction` is a hint. */
export const revise = (projectId: string, sceneId: string, kind: RevisionKind, instruction?: string): Promise<Run> =>
  body(
    creation.POST("/api/video-creation/projects/{project_id}/script/scenes/{scene_id}/revise", {
      params: { path: { project_id: projectId, scene_id: sceneId } },
      body: { kind, ...(instruction && { instruction }) } as never, // null and absent are the same here
    }),
  );

const WAIT_S = 20;

export const askForPreview = (projectId: string, sceneId: string, signal: AbortSignal): Promise<Preview> =>
  body(
    creation.POST("/api/video-creation/projects/{project_id}/scenes/{scene_id}/preview", {
      params: { path: { project_id: projectId, scene_id: sceneId } },
      signal,
    }),
  );

export const awaitPreview = (projectId: string, sceneId: string, signal: AbortSignal): Promise<Preview> =>
  body(
    creation.GET("/api/video-creation/projects/{project_id}/scenes/{scene_id}/preview", {
      params: { path: { project_id: projectId, scene_id: sceneId }, query: { wait: WAIT_S } },
      signal,
    }),
  );

export interface Saying {
  language: Language;
  speed: number;
}

export const askForSample = (speaker: string, saying: Saying, signal: AbortSignal): Promise<Sample> =>
  body(
    creation.POST("/api/video-creation/voices/{speaker}/sample", {
      params: { path: { speaker } },
      body: saying,
      signal,
    }),
  );

export const awaitSample = (speaker: string, saying: Saying, signal: AbortSignal): Promise<Sample> =>
  body(
    creation.GET("/api/video-creation/voices/{speaker}/sample", {
      params: { path: { speaker }, query: { ...saying, wait: WAIT_S } },
      signal,
    }),
  );

export const listUploads = (): Promise<UploadPage> =>
  body(ordinary.GET("/api/video-creation/uploads", { params: { query: { limit: 100 } } }));

const NAME_CHARS = 200;

/** The file as it is; the server knows it by its bytes. */
export async function upload(file: File, kind: "image" | "audio"): Promise<Upload> {
  const type = file.type.startsWith(`${kind}/`) ? file.type : `${kind}/*`;
  const headers = { "Content-Type": type.replace("*", "octet-stream") };
  const signal = AbortSignal.timeout(UPLOAD_MS);
  const query = new URLSearchParams({ name: Array.from(file.name).slice(0, NAME_CHARS).join("") });
  const answer = await fetch(`${BASE}/uploads?${query}`, { method: "POST", headers, body: file, signal }).catch((error: unknown) => {
    throw networkError(error);
  });
  if (!answer.ok) throw await errorOf(answer);
  return (await answer.json()) as Upload;
}

export const uploadUrl = (uploadId: string): string => `${BASE}/uploads/${uploadId}/file`;

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

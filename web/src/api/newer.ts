/**
 * Calls that a server may not have yet: each says what happens then. They move to `calls.ts` as
 * the OpenAPI document learns them.
 */
import { readNotice } from "./calls";
import { BASE, CREATION_MS, newKey, ORDINARY_MS, timed } from "./client";
import { ApiError, errorOf } from "./errors";
import type { Aspect, Language, Notice, Run } from "./types";

async function call<T>(method: string, path: string, body?: unknown, limitMs = ORDINARY_MS): Promise<T> {
  const headers: Record<string, string> = {};
  if (method === "POST") headers["Idempotency-Key"] = newKey();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = JSON.stringify(body);
  const request = new Request(new URL(BASE + path, location.origin), init);
  const response = await timed(limitMs)(request);
  if (!response.ok) throw await errorOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

const isAbsent = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === "not_found" || error.status === 405);

async function readAllNotices(unread: Notice[]): Promise<void> {
  try {
    await call("POST", "/notifications/read", {});
  } catch (error) {
    if (!isAbsent(error)) throw error;
    await Promise.all(unread.map((notice) => readNotice(notice.id)));
  }
}

export interface Voice {
  id: string;
  language?: Language | null;
  name: string;
  gender?: string | null;
  sample?: string | null;
}
export interface Named {
  id: string;
  name: string;
}
export interface Options {
  limits: {
    articleChars: number;
    topicChars: number;
    titleChars: number;
    targetSeconds: { min: number; max: number };
    scenes: number;
    narrationChars: number;
  };
  languages: Language[];
  aspects: Aspect[];
  voices: Voice[];
  themes: Named[];
  music: Named[];
  captions: string[];
  autoProduce: boolean;
}

/** What every server takes. */
const LEAST: Options = {
  limits: {
    articleChars: 20_000,
    topicChars: 500,
    titleChars: 200,
    targetSeconds: { min: 15, max: 600 },
    scenes: 60,
    narrationChars: 1_000,
  },
  languages: ["zh-CN", "en"],
  aspects: ["16:9", "9:16", "1:1"],
  voices: [],
  themes: [],
  music: [],
  captions: [],
  autoProduce: false,
};

async function readOptions(): Promise<Options> {
  try {
    const found = await call<Partial<Options>>("GET", "/options");
    return { ...LEAST, autoProduce: true, ...found, limits: { ...LEAST.limits, ...found.limits } };
  } catch (error) {
    if (isAbsent(error)) return LEAST;
    throw error;
  }
}

async function dismiss(projectIds: string[]): Promise<void> {
  try {
    await call("POST", "/unfinished/dismiss", { projectIds });
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

const retry = (projectId: string, acceptSecondCharge: boolean): Promise<Run> =>
  call(
    "POST",
    `/projects/${projectId}/retry`,
    acceptSecondCharge ? { acceptSecondCharge: true } : {},
    CREATION_MS,
  );

const deleteProject = (projectId: string): Promise<unknown> => call("DELETE", `/projects/${projectId}`);
const restoreProject = (projectId: string): Promise<unknown> =>
  call("POST", `/projects/${projectId}/restore`, {});

export interface Changes {
  voice?: string;
  theme?: string;
  music?: string;
  captions?: string;
}
const changeProject = (projectId: string, changes: Changes): Promise<unknown> =>
  call("PATCH", `/projects/${projectId}`, changes);

export { changeProject, deleteProject, dismiss, LEAST, readAllNotices, readOptions, restoreProject, retry };

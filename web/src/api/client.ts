/**
 * The typed client. Ordinary requests may take 10 s, those of the video creation 60 s; every POST
 * carries an Idempotency-Key, so that a submit that is sent again is answered as the first was.
 */
import createClient, { type Middleware } from "openapi-fetch";

import { heard } from "./clock";
import { errorOf, networkError } from "./errors";
import type { paths } from "./schema";

export const BASE = "/api/video-creation";
export const ORDINARY_MS = 10_000;
export const CREATION_MS = 60_000;
export const UPLOAD_MS = 120_000;

/** A key that no other request has; works without a secure context too. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function timed(limitMs: number): (request: Request) => Promise<Response> {
  return async (request) => {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(limitMs)]);
    const sent = Date.now();
    try {
      const answer = await globalThis.fetch(request, { signal });
      heard(answer.headers.get("Date"), sent);
      return answer;
    } catch (error) {
      throw networkError(error);
    }
  };
}

const judged: Middleware = {
  onRequest({ request }) {
    if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", newKey());
    }
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await errorOf(response);
    return response;
  },
};

function client(limitMs: number) {
  const made = createClient<paths>({ baseUrl: globalThis.location.origin, fetch: timed(limitMs) });
  made.use(judged);
  return made;
}

export const ordinary = client(ORDINARY_MS);
export const creation = client(CREATION_MS);

/** The answer's body: failures were raised on the way. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

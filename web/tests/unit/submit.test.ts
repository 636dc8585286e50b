// A form that was sent: what became of it, and what is told.
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { enableAutoUnmount, flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, expect, test, vi } from "vitest";
import { defineComponent, h } from "vue";
import { createMemoryHistory, createRouter, type RouteComponent } from "vue-router";

import { useSubmit } from "@/composables/submit";
import { i18n, speak } from "@/i18n";

enableAutoUnmount(afterEach);
afterEach(() => vi.unstubAllGlobals());

const answer = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const Empty = { render: () => null };

/** The form; `created` and `begun` are the API's answers, `keys` those that projects were ordered with. */
async function form(created: () => Response, begun: () => Response, page: RouteComponent | (() => Promise<RouteComponent>) = Empty) {
  await speak("zh-CN");
  const keys: (string | null)[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    if (path.endsWith("/projects")) {
      keys.push(request.headers.get("idempotency-key"));
      return created();
    }
    return path.endsWith("/projects/p1/script") ? begun() : new Promise<Response>(() => undefined);
  });
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/projects/:id", name: "project", component: page }, { path: "/", component: Empty }] });
  router.onError(() => undefined); // else it is told in the console
  const pinia = createPinia();
  setActivePinia(pinia);
  let submit!: ReturnType<typeof useSubmit>["submit"];
  const Form = defineComponent({ setup: () => (({ submit } = useSubmit()), () => h("i")) });
  mount(Form, { global: { plugins: [router, pinia, i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });
  return { submit, router, keys };
}
const CREATED = () => answer(201, { projectId: "p1", runId: null });

test("a script that can't be begun now: the user is taken to the project and told why", async () => {
  const { submit, router } = await form(CREATED, () => answer(429, { code: "too_many_runs" }));

  await submit({ topic: "雨水" });
  await flushPromises();

  expect(router.currentRoute.value.params["id"]).toBe("p1");
  expect(document.body.textContent).toContain("同时进行的任务已达上限");
});

test("a project that is there is no failed submit, though its page can't be loaded", async () => {
  const lost = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
  const { submit } = await form(CREATED, () => answer(202, { projectId: "p1", runId: "r1" }), lost);
  let stored = 0;

  await submit({ topic: "雨水" }, () => (stored += 1));

  expect(stored).toBe(1);
});

test.each([
  ["409 provider_key_refused", 409, { code: "provider_key_refused" }, false],
  ["409 idempotency_busy", 409, { code: "idempotency_busy" }, true],
  ["503 without an answer of its own", 503, {}, true],
])("after %s the same form has its key again only where it may have been taken", async (_, status, body, kept) => {
  const { submit, keys } = await form(() => answer(status, body), CREATED);

  for (let n = 0; n < 2; n += 1) await expect(submit({ topic: "雨水" })).rejects.toThrow();

  expect(keys).toHaveLength(2);
  expect(keys[0] === keys[1]).toBe(kept);
});

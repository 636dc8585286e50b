// A form that is stored although its script could not be begun.
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { expect, test, vi } from "vitest";
import { defineComponent, h } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";

import { useSubmit } from "@/composables/submit";
import { i18n, speak } from "@/i18n";

const answer = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

test("a script that can't be begun now: the user is taken to the project and told why", async () => {
  await speak("zh-CN");
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    if (path.endsWith("/projects")) return answer(201, { projectId: "p1", runId: null });
    if (path.endsWith("/projects/p1/script")) return answer(429, { code: "too_many_runs" });
    return new Promise<Response>(() => undefined);
  });
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: "/projects/:id", name: "project", component: { render: () => null } }, { path: "/", component: { render: () => null } }],
  });
  const pinia = createPinia();
  setActivePinia(pinia);
  let submit!: ReturnType<typeof useSubmit>["submit"];
  const Form = defineComponent({ setup: () => (({ submit } = useSubmit()), () => h("i")) });
  mount(Form, { global: { plugins: [router, pinia, i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });

  await submit({ topic: "雨水" });
  await flushPromises();

  expect(router.currentRoute.value.params["id"]).toBe("p1");
  expect(document.body.textContent).toContain("同时进行的任务已达上限");
});

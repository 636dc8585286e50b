/** A project's page as it stands in the browser, over an API in the test's hand. */
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { vi } from "vitest";
import { createMemoryHistory, createRouter, RouterView } from "vue-router";

import "@/components/ScriptPanel.vue"; // which the page loads when it needs it
import type { Project } from "@/api/types";
import { i18n, speak } from "@/i18n";
import ProjectView from "@/views/ProjectView.vue";
import { aStatus } from "./a";

export const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
export const away = (): Response => json(503, { code: "database_unavailable" });

export const aProject = (narration = "旧的。", scriptVersion = 1): Project =>
  ({
    projectId: "p1",
    title: "题目",
    language: "zh-CN",
    aspect: "16:9",
    targetSeconds: 15,
    speed: 1,
    scriptVersion,
    script: { title: "题目", draft: false, scenes: [{ id: "a", narration, heading: "", card: { kind: "title", subtitle: "" } }] },
  }) as unknown as Project;

/** A script that waits for its user's word. */
export const inReview = aStatus({ status: "DRAFT", step: "review", runKind: "script", runState: "done", notified: true, pollAfterMs: null });

type Answer = () => Response | Promise<Response>;

/** `api` answers by method and path behind the project, as "GET /status"; what is asked is kept in `asked`. */
export async function projectPage(api: Record<string, Answer>) {
  await speak("zh-CN");
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    const found = `${request.method} ${pathname.split("/projects/p1")[1] ?? pathname}`;
    asked.push(found);
    return (await api[found]?.()) ?? (pathname.endsWith("/notifications") ? json(200, { items: [], nextCursor: null }) : json(404, { code: "not_found" }));
  });
  const pinia = createPinia();
  setActivePinia(pinia);
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/projects/:id", component: ProjectView, props: true },
      { path: "/projects", component: { render: () => null } },
    ],
  });
  await router.push("/projects/p1");
  const page = mount(RouterView, {
    global: { plugins: [router, pinia, i18n, [VueQueryPlugin, { queryClient: queries }]] },
    attachTo: document.body,
  });
  await vi.waitFor(() => page.get("[data-test=narration], [data-test=run], [data-test=failed]"));
  await flushPromises();
  const counted = (what: string): number => asked.filter((one) => one === what).length;
  /** The project is read again, as it is when its tab is looked at. */
  const lookAgain = () => queries.invalidateQueries({ queryKey: ["project", "p1"] });
  return { page, asked, counted, lookAgain };
}

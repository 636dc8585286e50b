// The editor where the page goes somewhere else: what was typed is stored, or the user is asked.
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import { defineComponent, h, shallowRef } from "vue";
import { createMemoryHistory, createRouter, RouterView, useRoute } from "vue-router";

import type { Project } from "@/api/types";
import { useEditor, type Editor } from "@/composables/editor";
import { i18n, speak } from "@/i18n";

const narrated = (narration: string) => ({
  title: "题目",
  draft: false,
  scenes: [{ id: "a", narration, heading: "", card: { kind: "title", subtitle: "" } }],
});
const project = (projectId: string, narration = "旧", scriptVersion = 1) =>
  ({ projectId, title: "题目", scriptVersion, script: narrated(narration) }) as unknown as Project;
const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

/** The API of a test: what was saved, as `project: words`; a save goes wrong where `refusing` says how. */
function server() {
  const it = { saves: [] as string[], refusing: undefined as Response | undefined, reads: 0, unreadable: 0, found: "对方的" };
  vi.stubGlobal("fetch", async (request: Request) => {
    const id = new URL(request.url).pathname.match(/projects\/(\w+)/)?.[1] ?? "";
    if (request.method === "PUT") {
      const sent = (await request.json()) as { scenes: { narration: string }[] };
      it.saves.push(`${id}: ${sent.scenes[0]?.narration}`);
      return it.refusing?.clone() ?? json(200, { projectId: id, status: "DRAFT", scriptVersion: 2, script: narrated(sent.scenes[0]?.narration ?? "") });
    }
    if (!id) return json(503, { code: "database_unavailable" });
    it.reads += 1;
    return it.reads <= it.unreadable ? json(503, { code: "database_unavailable" }) : json(200, project(id, it.found, 7));
  });
  return it;
}

const CONFLICT = json(412, { code: "version_conflict" });

/** As ProjectView does: the project and `?step=` say which panel stands there. */
async function page(at = "/projects/a?step=script") {
  await speak("zh-CN");
  let editor: Editor | undefined;
  const stored = shallowRef<Project>();
  const Panel = defineComponent({
    props: { id: { type: String, required: true } },
    setup({ id }) {
      editor = useEditor(() => stored.value ?? project(id), () => undefined);
      return () => h("p", id);
    },
  });
  const Page = defineComponent(() => {
    const route = useRoute();
    return () => {
      const id = `${route.params["id"] ?? ""}`;
      return route.query["step"] === "script" ? h(Panel, { key: id, id }) : h("p", "elsewhere");
    };
  });
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: "/projects/:id", component: Page }, { path: "/projects", component: { render: () => h("p", "list") } }],
  });
  await router.push(at);
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = mount(RouterView, { global: { plugins: [router, i18n, [VueQueryPlugin, { queryClient: queries }]] } });
  await flushPromises();
  const type = (narration: string): void => editor!.change("a", { narration });
  return { router, wrapper, type, stored, editor: () => editor! };
}

const WITHIN = { timeout: 4_000 };

/** Waits for the question, and answers it. */
async function answer(name: string): Promise<void> {
  const button = await vi.waitFor(() => {
    const found = [...document.querySelectorAll<HTMLElement>(".el-message-box button")].find((one) => one.textContent?.includes(name));
    expect(found).toBeDefined();
    return found!;
  }, WITHIN);
  button.click();
  await vi.waitFor(() => expect(asked()).toBe(false), WITHIN);
}
const asked = (): boolean => !!document.querySelector(".el-message-box");

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  document.body.innerHTML = "";
});

test.each(["/projects/a?step=editing", "/projects/a", "/projects/b?step=script", "/projects"])("what was typed a moment ago is stored on the way to %s", async (to) => {
  const api = server();
  const { router, type } = await page();
  type("刚刚写的");
  await router.push(to);
  expect(router.currentRoute.value.fullPath).toBe(to);
  expect(api.saves).toEqual(["a: 刚刚写的"]);
  expect(asked()).toBe(false);
});

test.each([
  ["of a conflict", "写了", CONFLICT],
  ["of a server that is away", "写了", json(503, { code: "database_unavailable" })],
  ["something is missing", "", undefined],
])("the user is asked before words go that can't be stored because %s", async (_, words, refusing) => {
  const api = server();
  api.refusing = refusing;
  const { router, type, editor } = await page();
  type(words);
  const staying = router.push("/projects/b?step=script");
  await answer("留在这里");
  await staying;
  expect(router.currentRoute.value.fullPath).toBe("/projects/a?step=script");
  expect(editor().draft.value.scenes[0]?.narration).toBe(words);

  const leaving = router.push("/projects");
  await answer("不保存，离开");
  await leaving;
  expect(router.currentRoute.value.fullPath).toBe("/projects");
});

test("nobody is asked where the editor stays", async () => {
  server();
  const { router, type } = await page();
  type("");
  await router.push("/projects/a?step=script#main");
  expect(router.currentRoute.value.hash).toBe("#main");
  expect(asked()).toBe(false);
});

test("an editor that is taken away without a way there stores what was typed, and then rests", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const api = server();
  const { wrapper, type } = await page();
  type("刚刚写的");
  api.refusing = json(503, { code: "database_unavailable" });
  wrapper.unmount();
  await vi.advanceTimersByTimeAsync(60_000);
  await flushPromises();
  expect(api.saves).toEqual(["a: 刚刚写的"]);
});

test("the other version is looked at until it is seen, so that there is always something to choose", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const api = server();
  api.refusing = CONFLICT;
  api.unreadable = 2;
  const { type, editor } = await page();
  type("我的");
  await editor().flush();
  await vi.waitFor(() => expect(api.reads).toBe(1));
  expect(editor().theirs.value).toBeUndefined();
  for (const reads of [2, 3]) {
    await vi.advanceTimersByTimeAsync(4_000);
    await vi.waitFor(() => expect(api.reads).toBe(reads));
    await flushPromises();
  }
  expect(editor().theirs.value?.scriptVersion).toBe(7);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.reads).toBe(3);
});

test("what another hand stored, and was taken over unasked, is not overwritten by going back behind it", async () => {
  const api = server();
  const { type, stored, editor } = await page();
  type("我的");
  await editor().flush();
  stored.value = project("a", "对方的", 3);
  await flushPromises();
  expect(editor().draft.value.scenes[0]?.narration).toBe("对方的");

  editor().undo();
  await editor().flush();

  expect(editor().draft.value.scenes[0]?.narration).toBe("对方的");
  expect([editor().undoable.value, api.saves]).toEqual([false, ["a: 我的"]]);
});

test("one's own version can be had back after the other one was chosen", async () => {
  const api = server();
  api.refusing = CONFLICT;
  const { type, editor } = await page();
  type("我的");
  await editor().flush();
  await vi.waitFor(() => expect(editor().theirs.value).toBeDefined(), WITHIN);
  editor().takeTheirs();
  editor().undo();
  expect(editor().draft.value.scenes[0]?.narration).toBe("我的");
});

test("a save that was stored although its answer was lost asks nobody anything", async () => {
  const api = server();
  const { type, editor } = await page();
  type("我的");
  api.refusing = json(503, { code: "database_unavailable" });
  await editor().flush();
  Object.assign(api, { refusing: CONFLICT, found: "我的" });
  await editor().flush();
  await vi.waitFor(() => expect(editor().state.value).toBe("saved"), WITHIN);
  expect(editor().theirs.value).toBeUndefined();
});

test("words that nobody was asked about are shown once more where they can't be stored", async () => {
  const api = server();
  const { wrapper, type } = await page();
  type("谁也没有问过我");
  api.refusing = json(409, { code: "run_active" });
  wrapper.unmount();
  await vi.waitFor(() => expect(document.body.textContent).toContain("最后的修改没有保存。谁也没有问过我"), WITHIN);
});

test("whoever gave the words up is told nothing more of them", async () => {
  server();
  const { router, type } = await page();
  type("");
  const leaving = router.push("/projects");
  await answer("不保存，离开");
  await leaving;
  await flushPromises();
  expect(document.body.textContent).not.toContain("最后的修改没有保存");
});

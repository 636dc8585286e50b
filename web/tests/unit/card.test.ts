// A project's card whose list is drawn anew at the wrong moment.
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { expect, test, vi } from "vitest";
import { defineComponent } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";

import type { Summary } from "@/api/types";
import ProjectCard from "@/components/ProjectCard.vue";
import { i18n, speak } from "@/i18n";

const summary = { projectId: "a", title: "题目", status: "DRAFT", progress: 0, scriptReady: false, touchedAt: "2026-11-27T08:00:00Z" } as unknown as Summary;

/** The card, what its menu says, and what the API heard. */
async function card() {
  await speak("zh-CN");
  const heard: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    heard.push(`${request.method} ${new URL(request.url).pathname.split("/").pop()}`);
    return new Response(null, { status: 204 });
  });
  const Menu = defineComponent({ inheritAttrs: false, emits: ["command", "visible-change"], setup: (_, { slots }) => () => slots["default"]?.() });
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/projects/:id", name: "project", component: { render: () => null } }] });
  await router.push("/projects/a");
  const wrapper = mount(ProjectCard, {
    props: { project: summary },
    global: { plugins: [router, i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]], stubs: { ElDropdown: Menu } },
  });
  return { wrapper, menu: wrapper.findComponent(Menu).vm, heard };
}

test("what was chosen is done when the menu has closed, and once", async () => {
  const { wrapper, menu, heard } = await card();

  menu.$emit("command", "remove");
  await flushPromises();
  expect(heard).toEqual([]);
  menu.$emit("visible-change", false);
  await flushPromises();
  wrapper.unmount();
  await flushPromises();

  expect(heard).toEqual(["DELETE a"]);
});

test("what was chosen is done though the card goes before its menu has closed", async () => {
  const { wrapper, menu, heard } = await card();

  menu.$emit("command", "remove");
  wrapper.unmount();
  await flushPromises();

  expect(heard).toEqual(["DELETE a"]);
});

test("a card that goes while its menu is open does nothing by itself", async () => {
  const { wrapper, menu, heard } = await card();

  menu.$emit("visible-change", true);
  wrapper.unmount();
  await flushPromises();

  expect(heard).toEqual([]);
});

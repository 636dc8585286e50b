// A page whose files the server no longer has.
import { expect, test } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import { loadAnew, reloadOnce } from "@/router";

function tab() {
  const loaded: string[] = [];
  const router = createRouter({
    history: createMemoryHistory("/base"),
    routes: [
      { path: "/create", component: { render: () => null } },
      { path: "/projects/:id", component: () => Promise.reject(new TypeError("Failed to fetch dynamically imported module")) },
    ],
  });
  loadAnew(router, (href) => loaded.push(href));
  return { router, loaded };
}

test("a page that can't be loaded is loaded anew from the server", async () => {
  const { router, loaded } = tab();
  await router.push("/create");
  await expect(router.push("/projects/p1?step=script#main")).rejects.toThrow();
  expect(loaded).toEqual(["/base/projects/p1?step=script#main"]);
});

test("a first page that can't be loaded is not asked for again and again", async () => {
  const { router, loaded } = tab();
  await expect(router.push("/projects/p1")).rejects.toThrow();
  expect(loaded).toEqual([]);
});

test("a part of a page that can't be loaded brings the page anew, once", () => {
  let loaded = 0;
  for (const now of [100_000, 101_000, 161_000]) reloadOnce(now, () => (loaded += 1));
  expect(loaded).toBe(2);
});

import { createRouter, createWebHistory, type Router, type RouteRecordRaw, START_LOCATION } from "vue-router";

import { focusMain } from "./composables/focus";

declare module "vue-router" {
  interface RouteMeta {
    /** The key of the page's name. */
    title: string;
  }
}

const routes: RouteRecordRaw[] = [
  { path: "/", redirect: "/create" },
  {
    path: "/create",
    name: "create",
    component: () => import("./views/CreateView.vue"),
    meta: { title: "nav.create" },
  },
  {
    path: "/projects",
    name: "projects",
    component: () => import("./views/ProjectsView.vue"),
    meta: { title: "nav.projects" },
  },
  {
    path: "/projects/:id",
    name: "project",
    component: () => import("./views/ProjectView.vue"),
    props: true,
    meta: { title: "nav.project" },
  },
  {
    path: "/:rest(.*)*",
    name: "nowhere",
    component: () => import("./views/NowhereView.vue"),
    meta: { title: "nav.nowhere" },
  },
];

const RELOADED = "reelay.reloaded";

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
});

/** A page whose files are not there is loaded anew, as the server has it now: this tab may be older than the last upgrade. */
export function loadAnew(router: Router, load = (href: string): void => location.assign(href)): void {
  router.onError((_, to, from) => {
    if (from !== START_LOCATION) load(router.resolve(to.fullPath).href); // a first page would be loaded for ever
  });
}
loadAnew(router);

const AGAIN_MS = 60_000;

/** The same for what lies within a page; not again within a minute, should it help nothing. */
export function reloadOnce(now = Date.now(), load = (): void => location.reload()): void {
  if (now - Number(sessionStorage.getItem(RELOADED)) < AGAIN_MS) return;
  sessionStorage.setItem(RELOADED, `${now}`);
  load();
}

// What was pressed is gone with its page: the keyboard goes on in the new one.
router.afterEach((to, from) => {
  if (from.matched.length && to.path !== from.path) void focusMain();
});

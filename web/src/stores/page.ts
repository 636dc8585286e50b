/** What the open page calls itself, in the tab's title and at the top. */
import { defineStore } from "pinia";
import { ref } from "vue";

export const usePage = defineStore("page", () => {
  const title = ref("");
  /** What stands before it in the tab: how far a run is. */
  const before = ref("");
  return { title, before };
});

/** Which unfinished projects the user has answered about: not asked again until they change. */
import { useLocalStorage } from "@vueuse/core";

import type { Unfinished } from "@/api/types";

const KEPT = 200;
let arrived = false;

export function useAnswered() {
  const answers = useLocalStorage<Record<string, string>>("reelay.answered", {});

  return {
    /** True once in a page's life: coming back to the form from another page asks nothing. */
    arriving(): boolean {
      const first = !arrived;
      arrived = true;
      return first;
    },
    unanswered: (projects: Unfinished[]): Unfinished[] =>
      projects.filter((project) => answers.value[project.projectId] !== project.touchedAt),
    remember(projects: Unfinished[]): void {
      const added = Object.fromEntries(projects.map((one) => [one.projectId, one.touchedAt]));
      answers.value = Object.fromEntries(Object.entries({ ...answers.value, ...added }).slice(-KEPT));
    },
  };
}

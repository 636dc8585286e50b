/** From a filled form to a running script: create, start, follow, go there. */
import { useQueryClient } from "@tanstack/vue-query";
import { ref } from "vue";
import { useRouter } from "vue-router";

import { createProject, writeScript } from "@/api/calls";
import { newKey } from "@/api/client";
import type { NewProject } from "@/api/types";
import { useLive } from "@/stores/live";
import { askToNotify } from "./milestones";

export function useSubmit() {
  const router = useRouter();
  const live = useLive();
  const queries = useQueryClient();
  const busy = ref(false);
  // The same form sent again after a lost answer is the same project.
  let sent = { text: "", key: "" };

  async function submit(project: NewProject): Promise<void> {
    const text = JSON.stringify(project);
    if (sent.text !== text) sent = { text, key: newKey() };
    busy.value = true;
    try {
      const { projectId } = await createProject(project, sent.key);
      await writeScript(projectId).then(
        (run) => live.expect(projectId, run.runId),
        () => undefined, // The project's page says that it has not begun, and offers to begin.
      );
      sent = { text: "", key: "" };
      void queries.invalidateQueries({ queryKey: ["projects"] });
      await router.push({ name: "project", params: { id: projectId } });
      void askToNotify();
    } finally {
      busy.value = false;
    }
  }

  return { busy, submit };
}

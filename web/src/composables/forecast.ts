/** How many scenes a production would make anew if it were ordered now, as the server knows it. */
import { useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";

import { forecast } from "@/api/calls";
import type { Forecast, Project } from "@/api/types";

/** Undefined until it is known, and while what is shown is not what is saved. */
export function useForecast(project: () => Project, saved: () => boolean): ComputedRef<Forecast | undefined> {
  const query = useQuery({
    queryKey: computed(() => ["forecast", project().projectId, project().scriptVersion]),
    queryFn: ({ signal }) => forecast(project().projectId, signal),
    staleTime: 0,
    gcTime: 0, // a production in between changes it, at the same version
  });
  return computed(() => (saved() ? query.data.value : undefined));
}

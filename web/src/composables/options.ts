/** What this server offers: limits, voices, looks. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { LEAST, readOptions } from "@/api/newer";

export function useOptions() {
  const query = useQuery({ queryKey: ["options"], queryFn: readOptions, staleTime: Infinity });
  return computed(() => query.data.value ?? LEAST);
}

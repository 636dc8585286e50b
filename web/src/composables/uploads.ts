/** The user's own pictures and music, by the names that they have given to their files. */
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed } from "vue";

import { listUploads, upload } from "@/api/calls";
import type { Upload } from "@/api/types";

const KEY = ["uploads"] as const;

export function useUploads(kind: Upload["kind"]) {
  const queries = useQueryClient();
  const query = useQuery({ queryKey: KEY, queryFn: listUploads });
  const own = computed(() => (query.data.value?.items ?? []).filter((one) => one.kind === kind));

  return {
    own,
    /** The upload that a card or a project means: by its id, or by its bytes. */
    meant: (value: string): Upload | undefined =>
      own.value.find((one) => value === `upload:${one.id}` || value === one.path),
    /** Undefined where the file is something else. */
    async add(file: File): Promise<Upload | undefined> {
      const taken = await upload(file, kind === "music" ? "audio" : "image");
      await queries.invalidateQueries({ queryKey: KEY });
      return taken.kind === kind ? taken : undefined;
    },
  };
}

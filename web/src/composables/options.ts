/** What this server offers: limits, voices, looks. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { readOptions } from "@/api/calls";
import type { Options } from "@/api/types";

/** Until the server has answered. */
export const LEAST: Options = {
  limits: {
    articleChars: 20_000,
    topicChars: 500,
    titleChars: 200,
    narrationChars: 1_000,
    headingChars: 80,
    scenes: 60,
    secondsMin: 15,
    secondsMax: 600,
    speedMin: 0.5,
    speedMax: 2,
  },
  languages: ["zh-CN", "en"],
  aspects: ["16:9", "9:16", "1:1"],
  captions: [],
  revisions: [],
  voices: [],
  themes: [],
  music: [],
};

export function useOptions() {
  const query = useQuery({ queryKey: ["options"], queryFn: readOptions, staleTime: Infinity });
  return computed(() => query.data.value ?? LEAST);
}

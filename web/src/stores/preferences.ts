/** The language and the theme, kept on this device. */
import { useLocalStorage, usePreferredDark } from "@vueuse/core";
import { defineStore } from "pinia";
import { computed, watchEffect } from "vue";

import type { Language } from "@/api/types";

export type Theme = "auto" | "light" | "dark";

const raw = { read: (value: string) => value as never, write: (value: unknown) => String(value) };

export const usePreferences = defineStore("preferences", () => {
  const guessed: Language = /^zh/i.test(navigator.language) ? "zh-CN" : "en";
  const language = useLocalStorage<Language>("reelay.language", guessed, { serializer: raw, writeDefaults: false });
  const theme = useLocalStorage<Theme>("reelay.theme", "auto", { serializer: raw, writeDefaults: false });
  const prefersDark = usePreferredDark();
  const dark = computed(() => theme.value === "dark" || (theme.value === "auto" && prefersDark.value));

  watchEffect(() => {
    document.documentElement.classList.toggle("dark", dark.value);
    document.documentElement.lang = language.value;
  });

  return { language, theme, dark };
});

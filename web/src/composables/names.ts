/** Names of voices, looks and music in the page's language, as the server gives them. */
import { useI18n } from "vue-i18n";

import type { Choice, Language } from "@/api/types";

export function useNames() {
  const { t, te, locale } = useI18n();
  const name = (one: Choice): string => one.name[locale.value as Language] ?? one.id;
  return {
    name,
    voice: (one: Choice): string =>
      one.gender && te(`voice.${one.gender}`) ? `${name(one)} · ${t(`voice.${one.gender}`)}` : name(one),
    captions: (id: string): string => (te(`captions.${id}`) ? t(`captions.${id}`) : id),
  };
}

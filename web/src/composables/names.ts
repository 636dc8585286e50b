/** Names of voices, looks and music in the page's language; the server's own for new ones. */
import { useI18n } from "vue-i18n";

import type { Named, Voice } from "@/api/newer";

export function useNames() {
  const { t, te } = useI18n();
  return {
    voice(voice: Voice): string {
      const gender = voice.gender && te(`voice.${voice.gender}`) ? ` · ${t(`voice.${voice.gender}`)}` : "";
      const name = te(`voice.${voice.id}`) ? t(`voice.${voice.id}`) : voice.name;
      return name + gender;
    },
    theme: (one: Named): string => (te(`theme.${one.id}`) ? t(`theme.${one.id}`) : one.name),
    music: (one: Named): string => (te(`music.${one.id}`) ? t(`music.${one.id}`) : one.name),
    captions: (id: string): string => (te(`captions.${id}`) ? t(`captions.${id}`) : id),
  };
}

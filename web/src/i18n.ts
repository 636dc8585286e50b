/** Both languages; only the one in use is loaded. */
import { shallowRef } from "vue";
import { createI18n } from "vue-i18n";
import type { Language as ElementLanguage } from "element-plus/es/locale";

import type { Language } from "@/api/types";
import type zh from "./locales/zh-CN.json";

type Messages = typeof zh;
interface Loaded {
  messages: Messages;
  element: ElementLanguage;
}

const LOADERS: Record<Language, () => Promise<Loaded>> = {
  "zh-CN": async () => {
    const [own, element] = await Promise.all([
      import("./locales/zh-CN.json"),
      import("element-plus/es/locale/lang/zh-cn"),
    ]);
    return { messages: own.default, element: element.default };
  },
  en: async () => {
    const [own, element] = await Promise.all([
      import("./locales/en.json"),
      import("element-plus/es/locale/lang/en"),
    ]);
    return { messages: own.default as Messages, element: element.default };
  },
};

export const i18n = createI18n({
  legacy: false,
  locale: "zh-CN",
  fallbackLocale: false as const,
  missingWarn: false,
  // The build holds every key that the sources name; one that is put together at run time shows itself here.
  missing: (language, key) => console.error(`no words for ${key} in ${language}`),
  fallbackWarn: false,
  messages: {} as Record<Language, Messages>,
});

/** What Element Plus itself says, in the same language. */
export const elementLocale = shallowRef<ElementLanguage>();

let wanted: Language | undefined;

/** Of several that are asked for at once the last one is spoken, however soon the others are there. */
export async function speak(language: Language): Promise<void> {
  wanted = language;
  const loaded = await LOADERS[language]();
  if (wanted !== language) return;
  i18n.global.setLocaleMessage(language, loaded.messages);
  i18n.global.locale.value = language;
  elementLocale.value = loaded.element;
}

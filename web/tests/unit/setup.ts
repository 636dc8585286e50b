/** Words that are missing stop a test. */
import { i18n } from "@/i18n";

i18n.global.setMissingHandler((language, key) => {
  throw new Error(`no words for ${key} in ${language}`);
});

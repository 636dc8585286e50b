/** The form of a new video: what it holds, what is wrong with it, what is sent. Pure. */
import type { Aspect, Language, Limits, NewProject, SourceKind } from "@/api/types";

export interface Form {
  kind: SourceKind;
  texts: Record<SourceKind, string>;
  title: string;
  language: Language | "auto";
  seconds: number;
  aspect: Aspect;
  voice: string;
  speed: number;
  theme: string;
  music: string;
  captions: string;
  autoProduce: boolean;
}

export const emptyForm = (): Form => ({
  kind: "article",
  texts: { article: "", outline: "", topic: "" },
  title: "",
  language: "auto",
  seconds: 60,
  aspect: "16:9",
  voice: "",
  speed: 1,
  theme: "",
  music: "",
  captions: "",
  autoProduce: false,
});

/** A field and the key of what is wrong with it. */
export type Problems = Partial<Record<"text" | "title" | "seconds", { key: string; most?: number; least?: number }>>;

/** Characters as the API counts them: code points. */
export const length = (text: string): number => Array.from(text).length;

export function textLimit(form: Form, limits: Limits): number {
  return form.kind === "topic" ? limits.topicChars : limits.articleChars;
}

export function problems(form: Form, limits: Limits): Problems {
  const found: Problems = {};
  const text = form.texts[form.kind].trim();
  const most = textLimit(form, limits);
  if (!text) found.text = { key: `${form.kind}Missing` };
  else if (length(text) > most) found.text = { key: "tooLong", most };
  if (length(form.title.trim()) > limits.titleChars) found.title = { key: "tooLong", most: limits.titleChars };
  const { secondsMin: min, secondsMax: max } = limits;
  if (!(form.seconds >= min && form.seconds <= max)) found.seconds = { key: "outside", least: min, most: max };
  return found;
}

export const guessedLanguage = (text: string): Language => (/[\u3400-\u9fff]/.test(text) ? "zh-CN" : "en");

export function spokenLanguage(form: Form): Language {
  return form.language === "auto" ? guessedLanguage(form.texts[form.kind]) : form.language;
}

/** Only what was chosen is sent: the API has defaults for the rest. */
export function request(form: Form): NewProject {
  const chosen = {
    title: form.title.trim(),
    language: form.language === "auto" ? "" : form.language,
    voice: form.voice,
    theme: form.theme,
    music: form.music,
    captions: form.captions,
  };
  const said = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== ""));
  return {
    [form.kind]: form.texts[form.kind].trim(),
    aspect: form.aspect,
    targetSeconds: form.seconds,
    ...said,
    ...(form.speed !== 1 && { speed: form.speed }),
    ...(form.autoProduce && { autoProduce: true }),
  } as NewProject;
}

export const MOST_BYTES = 1_000_000;

/** The text of a file: UTF-8, else what Chinese editors used to write. */
export function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

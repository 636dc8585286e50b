/** How long a text takes to be spoken, by the same plain estimate as the offline writer's. */
const HANZI = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[\u{20000}-\u{2ffff}]/gu;
const WORD = /[\p{L}]+(?:['’][\p{L}]+)*/gu;
const PAUSE = /[，、。！？；：,.!?;:…—]+(?!\d)/gu;
const SCENE_SECONDS = 1.2;

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

export function spokenSeconds(text: string): number {
  const hanzi = count(text, HANZI);
  const words = count(text.replace(HANZI, " "), WORD);
  return hanzi / 4.6 + words / 2.6 + count(text, /\d/g) / 3.5 + count(text, /[%％‰]/g) * 0.5 + count(text, PAUSE) * 0.25;
}

/** How many sentences a text has, roughly: what ends with a mark, and the rest. */
export const sentences = (text: string): number => text.split(/[。！？!?]+|\.(?=\s|$)/).filter((one) => one.trim()).length;

export function scriptSeconds(narrations: readonly string[]): number {
  return narrations.reduce((sum, narration) => sum + spokenSeconds(narration) + SCENE_SECONDS, 0);
}

/** A sentence of each speaker, made once by `python -m media_worker.speech.samples` and kept here. */
import type { Choice } from "@/api/types";

const FILES = import.meta.glob<string>("../assets/voices/*.m4a", { eager: true, query: "?url", import: "default" });

/** Where the speaker can be heard, or undefined for one that nobody has recorded. */
export function sampleOf(voice: Choice): string | undefined {
  return FILES[`../assets/voices/${voice.id}-${voice.language ?? ""}.m4a`];
}

/** Voices to be heard: one at a time, as they will sound. */
import { onScopeDispose, ref } from "vue";

import { askForSample, awaitSample, type Saying } from "@/api/calls";
import { answered } from "@/live/asides";
import { useWords } from "./words";

export function useSamples() {
  const words = useWords();
  const waiting = ref("");
  const playing = ref("");
  const trouble = ref("");
  const audio = new Audio();
  audio.addEventListener("ended", () => (playing.value = ""));
  let asking = new AbortController();

  function stop(): void {
    asking.abort();
    audio.pause();
    waiting.value = playing.value = "";
  }

  /** The same again stops it. */
  async function hear(speaker: string, saying: Saying): Promise<void> {
    const again = waiting.value === speaker || playing.value === speaker;
    stop();
    trouble.value = "";
    if (again) return;
    const { signal } = (asking = new AbortController());
    waiting.value = speaker;
    try {
      const ask = () => askForSample(speaker, saying, signal);
      const { audio: link } = await answered(ask, () => awaitSample(speaker, saying, signal));
      if (signal.aborted || !link) return;
      audio.src = link.url;
      await audio.play();
      playing.value = speaker;
    } catch (error) {
      // A browser that plays nothing so long after the click plays at the next one: it is made by then.
      const refused = error instanceof DOMException;
      if (!signal.aborted && !refused) trouble.value = words.outcome(error);
    } finally {
      if (!signal.aborted) waiting.value = "";
    }
  }

  onScopeDispose(stop);
  return { waiting, playing, trouble, hear, stop };
}

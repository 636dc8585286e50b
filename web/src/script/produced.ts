/** Which scenes changed since the last production that this browser ordered. */
import type { Scene } from "@/api/types";

type Marks = Record<string, string>;
const MOST = 30;
const KEY = "reelay.produced";

const mark = (scene: Scene): string => JSON.stringify([scene.narration, scene.heading, scene.card]);

function kept(): Record<string, Marks> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, Marks>;
  } catch {
    return {};
  }
}

export function rememberProduced(projectId: string, scenes: readonly Scene[]): void {
  const others = Object.entries(kept()).filter(([id]) => id !== projectId).slice(1 - MOST);
  const marks = Object.fromEntries(scenes.map((scene) => [scene.id, mark(scene)]));
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...others, [projectId, marks]])));
  } catch {
    // A full store only costs the number beforehand; the server's answer has it too.
  }
}

/** How many scenes differ, or undefined when this browser does not know. */
export function changedScenes(projectId: string, scenes: readonly Scene[]): number | undefined {
  const marks = kept()[projectId];
  return marks && scenes.filter((scene) => marks[scene.id] !== mark(scene)).length;
}

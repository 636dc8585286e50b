/** What became of the paid work that was under way when a run was cancelled, by the lines of its timeline. */
import type { Happening } from "@/api/types";

/** A little longer than any paid work may take. */
const SETTLED_MS = 15 * 60_000;
const PAID = ["script", "voice", "visual"];

/** Pieces of work: charged with a result, paid for and stopped before it was made of it, charged without one, nobody knows. */
export interface Aftermath {
  kept: number;
  paid: number;
  lost: number;
  unknown: number;
}

const name = (line: Happening): string => `${line.stage} ${line.sceneId}`;

/** Whether work that may be paid for has been handed out, and nobody knows yet how it ended. */
export function open(lines: Happening[], now: number): boolean {
  const closed = lines.findLast((line) => line.type === "run.closed");
  if (closed && now - Date.parse(closed.at) > SETTLED_MS) return false;
  const ended = new Set(lines.filter((line) => /^task\.(done|failed)$/.test(line.type)).map(name));
  return lines.some((line) => {
    const told = line.afterClose && line.afterClose.outcome !== "still_running";
    return line.type === "task.dispatched" && PAID.includes(line.stage ?? "") && !ended.has(name(line)) && !told;
  });
}

/** Work that was handed out again has a line for each time, and counts once. */
export function aftermath(lines: Happening[]): Aftermath {
  const count = (what: (late: NonNullable<Happening["afterClose"]>) => boolean): number =>
    new Set(lines.filter((line) => line.afterClose && what(line.afterClose)).map(name)).size;
  return {
    kept: count((late) => late.charge === "charged" && late.outcome === "finished_anyway"),
    paid: count((late) => late.charge === "charged" && late.outcome === "stopped" && late.code === "run_cancelled"),
    lost: count((late) => late.charge === "charged" && late.outcome === "stopped" && late.code !== "run_cancelled"),
    unknown: count((late) => late.charge === "unknown"),
  };
}

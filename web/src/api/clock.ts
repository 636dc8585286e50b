/** The server's clock as its answers tell it: that of a device may be minutes off. */
import { shallowRef } from "vue";

/** The header's second, and the way here: by less than that nobody's clock is called wrong, nor set again. */
const COARSE_MS = 3_000;
const ahead = shallowRef(0);

/** The `Date` of an answer that was asked for at `sent` and has just arrived: a moment in between, on the server. */
export function heard(date: string | null, sent: number): void {
  const at = Date.parse(date ?? "");
  if (Number.isNaN(at)) return;
  const [least, most] = [at - Date.now(), at - sent];
  if (ahead.value > least - COARSE_MS && ahead.value < most + COARSE_MS) return;
  const nearest = Math.min(Math.max(0, least), most);
  ahead.value = Math.abs(nearest) > COARSE_MS ? nearest : 0;
}

/** Milliseconds since 1970 on the server, when this device says `mine`. */
export function there(mine: Date): number {
  return mine.getTime() + ahead.value;
}

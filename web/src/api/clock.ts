/** The server's clock as its answers tell it: that of a device may be minutes off. */
import { shallowRef } from "vue";

/** The header's second, and the way here: by less than that nobody's clock is called wrong. */
const COARSE_MS = 3_000;
const ahead = shallowRef(0);

/** An answer's `Date` header, just arrived. */
export function heard(date: string | null): void {
  const by = date ? Date.parse(date) - Date.now() : Number.NaN;
  if (!Number.isNaN(by)) ahead.value = Math.abs(by) > COARSE_MS ? by : 0;
}

/** Milliseconds since 1970 on the server, when this device says `mine`. */
export function there(mine: Date): number {
  return mine.getTime() + ahead.value;
}

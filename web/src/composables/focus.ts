/** Where the keyboard is: what had the focus may go away, the place in the page may not be lost. */
import { nextTick } from "vue";

const lost = (): boolean => !document.activeElement || document.activeElement === document.body;

/** To the page's content, where nothing has the focus any more. */
export async function focusMain(): Promise<void> {
  await nextTick();
  if (lost()) document.getElementById("main")?.focus({ preventScroll: true });
}

/** To the first of these elements that can take it. */
export async function focusFirst(...ids: string[]): Promise<void> {
  await nextTick();
  const all = ids.map((id) => document.getElementById(id));
  all.find((element) => element && !element.matches(":disabled"))?.focus();
}

/** A button that waits is disabled, and loses the focus: it has it again after `work`. */
export async function keepingFocus<T>(work: () => Promise<T>): Promise<T> {
  const held = document.activeElement;
  try {
    return await work();
  } finally {
    await nextTick();
    if (lost() && held instanceof HTMLElement && held.isConnected) held.focus();
    await focusMain();
  }
}

/** What is asked for by the way: once, then waited for. Without Vue. */
export interface Making {
  state: "making" | "ready";
}

/** Asks, then looks until it is ready; a refusal of either is the caller's. */
export async function answered<T extends Making>(ask: () => Promise<T>, wait: () => Promise<T>): Promise<T> {
  let answer = await ask();
  while (answer.state !== "ready") answer = await wait();
  return answer;
}

/** Server-sent events out of a fetch's body (WHATWG HTML, section 9.2.6). */

export interface ServerEvent {
  /** `""` for a comment: a sign of life without content. */
  event: string;
  data: string;
}

/** Cuts text into events; keeps what is not finished yet. */
export class EventCutter {
  private rest = "";
  private event = "";
  private data: string[] = [];

  push(text: string): ServerEvent[] {
    this.rest += text;
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): ServerEvent[] {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return [{ event: "", data: line.slice(1).trim() }];
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    if (field === "data") this.data.push(value);
    return [];
  }

  private dispatch(): ServerEvent[] {
    const { event, data } = this;
    this.event = "";
    this.data = [];
    return data.length ? [{ event: event || "message", data: data.join("\n") }] : [];
  }
}

export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const cutter = new EventCutter();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* cutter.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.releaseLock();
  }
}

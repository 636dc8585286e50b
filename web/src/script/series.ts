/** Labelled numbers as lines of text, and back: "北京 72". Pure. */

export interface Labelled {
  label: string;
  value: number;
}

const LINE = /^(.*?)[\s:：,，=]*(-?\d+(?:\.\d+)?)$/;
const LABEL_CHARS = 40;

/** What is written in lines: without blanks around them, and without empty ones. */
export const linesOf = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean);

export const isNumbered = (point: Labelled): boolean => Number.isFinite(point.value);

export const shownSeries = (points: readonly Labelled[]): string =>
  points.map((point) => (isNumbered(point) ? `${point.label} ${point.value}`.trim() : point.label)).join("\n");

/** A line that is no label with a number is a point without one (NaN): it is kept, and never stored. `wrong` counts them. */
export function readSeries(text: string): { points: Labelled[]; wrong: number } {
  const points = linesOf(text).map((line) => {
    const match = LINE.exec(line);
    return match ? { label: (match[1] ?? "").trim().slice(0, LABEL_CHARS), value: Number(match[2]) } : { label: line, value: NaN };
  });
  return { points, wrong: points.filter((point) => !isNumbered(point)).length };
}

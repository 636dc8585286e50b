/** Labelled numbers as lines of text, and back: "北京 72". Pure. */

export interface Labelled {
  label: string;
  value: number;
}

const LINE = /^(.*?)[\s:：,，=]*(-?\d+(?:\.\d+)?)$/;
const LABEL_CHARS = 40;

export const shownSeries = (points: readonly Labelled[]): string =>
  points.map((point) => `${point.label} ${point.value}`.trim()).join("\n");

/** `wrong` counts lines that are no label with a number: then nothing is to be stored. */
export function readSeries(text: string): { points: Labelled[]; wrong: number } {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const matches = lines.map((line) => LINE.exec(line));
  const points = matches.flatMap((match) =>
    match ? [{ label: (match[1] ?? "").trim().slice(0, LABEL_CHARS), value: Number(match[2]) }] : [],
  );
  return { points, wrong: matches.filter((match) => !match).length };
}

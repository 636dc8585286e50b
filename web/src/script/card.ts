/** What a card says, and whether all of it is there. Pure. */
import type { Card } from "@/api/types";
import { length } from "@/create/form";
import { isNumbered, shownSeries } from "./series";

/** Words that the card shows, so that another kind can begin with them. */
export function said(card: Card): string[] {
  switch (card.kind) {
    case "list":
    case "steps":
      return card.items;
    case "number":
      return [card.value, card.label ?? ""].filter(Boolean);
    case "bars":
      return shownSeries(card.bars).split("\n").filter(Boolean);
    case "quote":
      return [card.text];
    case "line":
      return shownSeries(card.points).split("\n").filter(Boolean);
    case "picture":
    case "footage":
      return [card.caption].filter(Boolean);
    case "split":
      return [card.left.heading, card.right.heading];
    default:
      return card.subtitle ? [card.subtitle] : [];
  }
}

export const itemsOf = (card: Card): string[] => ("items" in card ? card.items : []);

/** Whether it shows a picture that was chosen here, and is not the project's yet. */
export const isUpload = (card: Card): boolean => card.kind === "picture" && typeof card.picture === "string";

/** As the API has it for what a user writes. */
export const LONGEST_ITEM = 400;
const MOST_LINES = 8;
const MOST_POINTS = 24;

export function overfull(card: Card): boolean {
  switch (card.kind) {
    case "list":
    case "steps":
      return card.items.length > MOST_LINES;
    case "bars":
      return card.bars.length > MOST_LINES;
    case "line":
      return card.points.length > MOST_POINTS;
    default:
      return false;
  }
}

export function complete(card: Card): boolean {
  switch (card.kind) {
    case "list":
    case "steps":
      return card.items.length > 0;
    case "number":
      return card.value.trim() !== "" && length(card.value) <= 24;
    case "bars":
      return card.bars.length > 0 && card.bars.every((bar) => bar.label.trim() !== "" && bar.value >= 0);
    case "line":
      return card.points.length >= 2 && card.points.every(isNumbered);
    case "split":
      return card.left.heading.trim() !== "" && card.right.heading.trim() !== "";
    case "quote":
      return card.text.trim() !== "" && length(card.text) <= 300;
    default:
      return true;
  }
}

/** The same card, whatever the order of its fields and whether empty ones are named. */
export const alike = (one: Card, other: Card): boolean => JSON.stringify(plain(one)) === JSON.stringify(plain(other));

const EMPTY = [undefined, "null", '""', "[]"];

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "string") return value.trim();
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, inner]) => [name, plain(inner)] as const);
  return fields.filter(([, inner]) => !EMPTY.includes(JSON.stringify(inner))).sort(([a], [b]) => (a < b ? -1 : 1));
}

import { diffLines, diffWordsWithSpace } from "diff";

/** A stretch of a line: marked where the other side differs. */
export interface Piece {
  text: string;
  marked: boolean;
}

/** One side of a row. */
export interface DiffLine {
  /** Counted from one. */
  number: number;
  pieces: readonly Piece[];
}

/** A line of each side, beside each other. A side without one is null. */
export interface DiffRow {
  kind: "same" | "changed" | "added" | "removed";
  before: DiffLine | null;
  after: DiffLine | null;
}

/** Two texts that have next to nothing in common take this long (ms) at most: then all of it counts as changed. */
const LINES_WITHIN_MS = 300;
const WORDS_WITHIN_MS = 50;
/** Of two lines that have less than this in common, single words that happen to be in both say nothing. */
const LEAST_IN_COMMON = 0.3;

/** Two texts side by side: lines that belong together in one row, with the words marked that differ. Null is no text at all. */
export function diffTexts(before: string | null, after: string | null): DiffRow[] {
  if (before === null) return linesOf(after ?? "").map((text, place) => rowOf(null, whole(text, place + 1)));
  if (after === null) return linesOf(before).map((text, place) => rowOf(whole(text, place + 1), null));
  const rows: DiffRow[] = [];
  let [left, right] = [0, 0];
  let removed: string[] = [];
  let added: string[] = [];
  const settle = () => {
    for (let place = 0; place < Math.max(removed.length, added.length); place += 1) {
      const [one, other] = [removed[place], added[place]];
      if (one !== undefined && other !== undefined) {
        const [first, second] = markedWords(one, other);
        rows.push(rowOf({ number: ++left, pieces: first }, { number: ++right, pieces: second }));
      } else if (one !== undefined) rows.push(rowOf(whole(one, ++left), null));
      else if (other !== undefined) rows.push(rowOf(null, whole(other, ++right)));
    }
    removed = [];
    added = [];
  };
  for (const part of partsOf(before, after)) {
    if (part.removed) removed.push(...linesOf(part.value));
    else if (part.added) added.push(...linesOf(part.value));
    else {
      settle();
      for (const text of linesOf(part.value)) {
        const pieces = [{ text, marked: false }];
        rows.push({ kind: "same", before: { number: ++left, pieces }, after: { number: ++right, pieces } });
      }
    }
  }
  settle();
  return rows;
}

/** A stretch of rows, or of rows that are the same on both sides and far from any change. */
export type DiffStretch = { rows: readonly DiffRow[]; hidden: boolean };

/** Sets aside what is the same, but for a few lines round each change. A stretch that would hide a line or two is shown. */
export function foldSame(rows: readonly DiffRow[], context = 3): DiffStretch[] {
  const near = new Set<number>();
  for (const [place, { kind }] of rows.entries()) {
    if (kind === "same") continue;
    for (let at = place - context; at <= place + context; at += 1) near.add(at);
  }
  const stretches: { rows: DiffRow[]; hidden: boolean }[] = [];
  for (const [place, row] of rows.entries()) {
    const hidden = !near.has(place);
    const last = stretches.at(-1);
    if (last?.hidden === hidden) last.rows.push(row);
    else stretches.push({ rows: [row], hidden });
  }
  return stretches.map((stretch) => (stretch.rows.length <= 2 ? { ...stretch, hidden: false } : stretch));
}

interface Part {
  value: string;
  added: boolean;
  removed: boolean;
}

/** A text ends its last line or not: that alone must not make the line another one. */
function partsOf(before: string, after: string): readonly Part[] {
  const [one, other] = [ended(before), ended(after)];
  return (
    diffLines(one, other, { timeout: LINES_WITHIN_MS }) ?? [
      { value: one, added: false, removed: true },
      { value: other, added: true, removed: false },
    ]
  );
}

function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

function linesOf(text: string): string[] {
  return ended(text).slice(0, -1).split("\n");
}

function whole(text: string, number: number): DiffLine {
  return { number, pieces: [{ text, marked: false }] };
}

function rowOf(before: DiffLine | null, after: DiffLine | null): DiffRow {
  return { kind: before === null ? "added" : after === null ? "removed" : "changed", before, after };
}

function markedWords(before: string, after: string): [Piece[], Piece[]] {
  const unmarked: [Piece[], Piece[]] = [[{ text: before, marked: false }], [{ text: after, marked: false }]];
  const parts = diffWordsWithSpace(before, after, { timeout: WORDS_WITHIN_MS });
  if (parts === undefined) return unmarked;
  const kept = parts.reduce((sum, { value, added, removed }) => sum + (added || removed ? 0 : value.length), 0);
  if (kept < LEAST_IN_COMMON * Math.max(before.length, after.length)) return unmarked;
  return [
    parts.filter(({ added }) => !added).map(({ value, removed }) => ({ text: value, marked: removed })),
    parts.filter(({ removed }) => !removed).map(({ value, added }) => ({ text: value, marked: added })),
  ];
}

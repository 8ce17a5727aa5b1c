import type { Figures } from "./figure.ts";

const HEADINGS = ["", "value", "unit", "control", "ratio", "aim"];

/** The figures in columns, numbers to the right. */
export function table(figures: Figures): string {
  const rows = Object.entries(figures).map(([name, { value, unit, control, ratio, aim }]) => [
    name,
    shown(value),
    unit,
    control === undefined ? "" : shown(control),
    ratio === undefined ? "" : shown(ratio),
    aim ?? "",
  ]);
  const lines = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isNumber = [false, true, false, true, true, false];
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Three digits that mean something: 12.3, 0.0123, 1934. */
function shown(value: number): string {
  return Number.isInteger(value) || value >= 1_000 ? String(Math.round(value)) : value.toPrecision(3);
}

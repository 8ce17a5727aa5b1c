/** The part of the whole that each weight is, in percent to a tenth. All zeros when there is no whole. */
export function percentages(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total === 0 ? 0 : Math.round((weight * 1_000) / total) / 10));
}

/** A share as people read it: 33.3 -> "33.3 %", 50 -> "50 %". */
export function formatPercent(percent: number): string {
  return `${Number.isInteger(percent) ? percent : percent.toFixed(1)} %`;
}

/**
 * By how much a figure changed, with its sign: "+12 %", "-3.5 %", "0 %". Null when either is unknown, and when there was
 * nothing to grow from.
 */
export function changeInPercent(before: number | null, after: number | null): string | null {
  if (before === null || after === null || before === 0) return null;
  const percent = Math.round(((after - before) * 1_000) / before) / 10;
  return `${percent > 0 ? "+" : ""}${formatPercent(percent)}`;
}

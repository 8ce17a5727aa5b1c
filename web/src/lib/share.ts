/** How much of a whole something is, from 0 to 1; 0 of a whole that is nothing. For widths of bars and percentages. */
export function shareOf(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
}

/** A share as people read it: 0.123 -> "12.3 %", 0.0004 -> "< 0.1 %". What is there never reads as nothing, nor as all. */
export function formatShare(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  if (share < 0.001) return "< 0.1 %";
  if (share > 0.999) return "> 99.9 %";
  return `${(share * 100).toFixed(1).replace(/\.0$/, "")} %`;
}

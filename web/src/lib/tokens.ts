const UNITS = [
  { size: 1_000_000_000, name: "G" },
  { size: 1_000_000, name: "M" },
  { size: 1_000, name: "k" },
] as const;

/** A count as people read it: 812 -> "812", 12400 -> "12.4 k", 3100000 -> "3.1 M". */
export function formatTokens(count: number): string {
  // From 999,950 on a thousand would read as "1000.0 k".
  const unit = UNITS.find(({ size }) => count >= size * (size === 1_000 ? 1 : 0.99995));
  if (!unit) return String(count);
  const value = count / unit.size;
  return `${value.toFixed(1).replace(/\.0$/, "")} ${unit.name}`;
}

/** A count with all its digits: 12431 -> "12,431". For hovers. */
export function formatExactCount(count: number): string {
  return new Intl.NumberFormat("en-US").format(count);
}

/** "1 step", "3 steps". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatExactCount(count)} ${count === 1 ? one : many}`;
}

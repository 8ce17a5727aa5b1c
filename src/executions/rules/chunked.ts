/** How large something is by several measures. */
type Size<Measure extends string> = Record<Measure, number>;

/**
 * Cuts a list into runs that stay within every limit together. Something that is larger than a limit by itself makes a
 * run of its own, so that nothing is left out.
 */
export function chunked<Item, Measure extends string>(
  items: readonly Item[],
  sizeOf: (item: Item) => Size<Measure>,
  limits: Size<Measure>,
): Item[][] {
  const chunks: Item[][] = [];
  let chunk: Item[] = [];
  let totals = new Map<string, number>();
  for (const item of items) {
    const sizes = Object.entries<number>(sizeOf(item));
    const over = sizes.some(([measure, size]) => (totals.get(measure) ?? 0) + size > limitOf(limits, measure));
    if (over && chunk.length > 0) {
      chunks.push(chunk);
      chunk = [];
      totals = new Map();
    }
    chunk.push(item);
    for (const [measure, size] of sizes) totals.set(measure, (totals.get(measure) ?? 0) + size);
  }
  return chunk.length > 0 ? [...chunks, chunk] : chunks;
}

function limitOf(limits: Record<string, number>, measure: string): number {
  return limits[measure] ?? Number.POSITIVE_INFINITY;
}

/**
 * Follows successors to the one that has none: a replacement may itself have been replaced. `null` when the model has
 * no successor. Throws on a cycle, which would otherwise hang the request that asked.
 */
export function lastSuccessor(model: string, next: (model: string) => string | null): string | null {
  const seen = new Set([model]);
  let last: string | null = null;
  for (let at = next(model); at !== null; at = next(at)) {
    if (seen.has(at)) throw new Error(`the successors of ${model} lead back to ${at}: correct the model catalogue`);
    seen.add(at);
    last = at;
  }
  return last;
}

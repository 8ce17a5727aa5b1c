/**
 * Shares a budget of bytes among texts: small ones get all that they ask for, and what is left is shared evenly by
 * those that ask for more. So one text of the whole budget's size comes whole, and nothing large pushes out the small.
 *
 * @param sizes bytes by name; `Infinity` for what is surely larger than its share
 */
export function shareBytes(sizes: ReadonlyMap<string, number>, budget: number): Map<string, number> {
  const shares = new Map<string, number>();
  let left = budget;
  let waiting = sizes.size;
  for (const [name, size] of [...sizes].toSorted(([, a], [, b]) => a - b)) {
    const share = Math.min(size, Math.floor(left / waiting));
    shares.set(name, share);
    left -= share;
    waiting -= 1;
  }
  return shares;
}

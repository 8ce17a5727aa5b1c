/** A version's share of a tag. */
export interface Share {
  versionId: string;
  /** Positive, in relation to the other shares' weights. */
  weight: number;
}

/**
 * The version that a shared tag stands for in one execution: drawn by a hash of the execution's id, so that the same
 * execution always gets the same one, on any machine, and many of them get each version by its weight.
 *
 * @param hash hex of at least 12 digits, evenly distributed
 * @param shares at least one
 */
export function drawVersion(shares: readonly Share[], hash: string): string | undefined {
  const ordered = shares.toSorted((one, other) => (one.versionId < other.versionId ? -1 : 1));
  const total = ordered.reduce((sum, share) => sum + share.weight, 0);
  // 48 bits fit into a number exactly; the remainder's bias is below one in a billion for weights up to a thousand.
  let left = Number.parseInt(hash.slice(0, 12), 16) % total;
  for (const share of ordered) {
    if (left < share.weight) return share.versionId;
    left -= share.weight;
  }
  return ordered.at(-1)?.versionId;
}

/** The version with the largest share, the newer of equals: what a shared tag means where nothing is executed. */
export function mainVersion(shares: readonly Share[]): string | undefined {
  return shares.toSorted((one, other) => other.weight - one.weight || (one.versionId < other.versionId ? 1 : -1))[0]
    ?.versionId;
}

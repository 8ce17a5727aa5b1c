/** One measured thing. */
export interface Figure {
  value: number;
  unit: string;
  /** The same thing done without Swarm, measured in turns with it. */
  control?: number;
  /** `value` over `control`. */
  ratio?: number;
  /** What the value should stay within (or above). For the table only. */
  aim?: string;
}

/** What an entry measured, by name: `chain.overhead_ms`. */
export type Figures = Record<string, Figure>;

/** The middle of some numbers, the upper one of two. Throws when there are none. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new Error("There is no median of nothing.");
  return middle;
}

/** Measures `rounds` times, one after another. */
export async function repeat<Result>(rounds: number, measure: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let round = 0; round < rounds; round += 1) results.push(await measure());
  return results;
}

/** The figure of values that were measured in turns with their controls, so that a busy machine slows both. */
export function compared(pairs: readonly { value: number; control: number }[], unit: string): Figure {
  const value = median(pairs.map((pair) => pair.value));
  const control = median(pairs.map((pair) => pair.control));
  return { value, unit, control, ratio: value / control };
}

/** Waits `ms` milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

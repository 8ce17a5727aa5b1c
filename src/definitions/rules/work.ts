/** Parts visited, plus one for every 16 characters read or written: well under a second, and under 40 MB of text. */
export const MAX_WORK = 2_000_000;
const CHARACTERS_A_UNIT = 16;

/** The evaluation was stopped because it went on for too long. */
export class TooMuchWork extends Error {
  constructor() {
    super("The expression takes too much work on this value. Look at a smaller part of it, or avoid nested filters.");
  }
}

/** What one evaluation may still do. */
export class Work {
  #left = MAX_WORK;

  /** Pays for so many parts. Throws {@link TooMuchWork} when nothing is left. */
  spend(units: number): void {
    // A negative width or count must not give work back.
    this.#left -= Math.max(0, units);
    // Written so that NaN, which no comparison admits, stops too.
    if (!(this.#left >= 0)) throw new TooMuchWork();
  }

  /** Pays for reading or writing so many characters. */
  spendText(characters: number): void {
    this.spend(characters / CHARACTERS_A_UNIT);
  }

  /** Pays for every part of a value, as often as it stands there. */
  walk(value: unknown): void {
    const open = [value];
    while (open.length > 0) {
      const part = open.pop();
      this.spend(1);
      if (typeof part === "string") this.spendText(part.length);
      else if (typeof part === "object" && part !== null) for (const member of Object.values(part)) open.push(member);
    }
  }
}

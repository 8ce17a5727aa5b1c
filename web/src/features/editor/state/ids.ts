const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 5;

/** The characters of a new id, drawn from the browser's random numbers. */
export function randomLetters(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(LENGTH)), (byte) => LETTERS[byte % LETTERS.length]).join("");
}

/**
 * An id that nothing has yet, such as `agent_k3f9z`. Never one that was used before, which versions would take for the
 * same thing; with `_`, because a `-` would have to be quoted in conditions.
 */
export function newId(prefix: string, taken: ReadonlySet<string>, letters: () => string): string {
  for (;;) {
    const id = `${prefix}_${letters()}`;
    if (!taken.has(id)) return id;
  }
}

/** Something that braces can stand for. */
export interface Variable {
  /** What is written between the braces: `steps.facts.output`. */
  reference: string;
  /** What it is, in words: "Output of Facts". */
  label: string;
}

/** A place in a prompt that is being written, and what would fit there. */
export interface Completion {
  /** Where the braces begin, and where the text ends that is replaced. */
  from: number;
  to: number;
  variables: readonly Variable[];
}

/** What can stand at the caret: null outside of braces, and when nothing fits what was written so far. */
export function completionAt(text: string, caret: number, known: readonly Variable[]): Completion | null {
  const from = text.lastIndexOf("{{", caret - 1);
  if (from === -1 || from + 2 > caret || text[from - 1] === "\\") return null;
  const written = text.slice(from + 2, caret);
  if (/[{}\n]/.test(written)) return null;
  const sought = written.trim().toLowerCase();
  const variables = known.filter(({ reference, label }) => `${reference} ${label}`.toLowerCase().includes(sought));
  if (variables.length === 0) return null;
  // What stands behind the caret up to the closing braces is replaced too, unless another pair begins before.
  const behind = /^[\w.\- ]*\}\}/.exec(text.slice(caret))?.[0] ?? "";
  return { from, to: caret + behind.length, variables };
}

/** The text with a variable in the place that was being written, and where the caret then stands. */
export function completed(
  text: string,
  { from, to }: Pick<Completion, "from" | "to">,
  { reference }: Variable,
): { text: string; caret: number } {
  const inserted = `{{${reference}}}`;
  return { text: `${text.slice(0, from)}${inserted}${text.slice(to)}`, caret: from + inserted.length };
}

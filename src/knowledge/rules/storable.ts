/** Control characters that no text means: SQLite would end a text at the first NUL of its JSON. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/**
 * A text as it can be stored and found again: composed (NFC), without control characters but tab and line breaks,
 * without half surrogate pairs, trimmed.
 */
export function storable(text: string): string {
  return text.toWellFormed().normalize("NFC").replace(CONTROLS, "").trim();
}

/** What the hash of an entry is made of: the same sentence in other line breaks is the same knowledge. */
export function comparable(content: string): string {
  return storable(content).replace(/\s+/gu, " ");
}

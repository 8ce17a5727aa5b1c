const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const END = "-----END ";
const DASHES = "-----";
/** Of a key between its marks: an RSA key of 16,384 bits has 12,000. */
const MAX_KEY = 20_000;

/** Where private keys in PEM (RFC 7468) stand in a text: with their marks, or from the first one on where the end is missing. */
export function privateKeysIn(text: string): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let covered = 0;
  let endsFrom = 0;
  for (const { 0: mark, index } of text.matchAll(BEGIN)) {
    if (index < covered) continue;
    const body = index + mark.length;
    // Looked for anew only behind the last one found: text that is all beginnings is not searched again for each.
    if (endsFrom !== -1 && endsFrom < body) endsFrom = text.indexOf(END, body);
    const closed = endsFrom === -1 || endsFrom - body > MAX_KEY ? -1 : text.indexOf(DASHES, endsFrom + END.length);
    covered = closed === -1 ? endOfBase64(text, body) : closed + DASHES.length;
    found.push({ start: index, end: covered });
  }
  return found;
}

/** As far as lines of base64 go on, written with real line breaks or as `\n`. */
function endOfBase64(text: string, from: number): number {
  const run = /(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{24,})*/y;
  run.lastIndex = from;
  return from + (run.exec(text)?.[0].length ?? 0);
}

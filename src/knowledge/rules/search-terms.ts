/** Words of a prompt that are searched for. Each is a look into the index of the whole installation. */
export const MAX_TERMS = 24;
/** Words of a person's search, all of which must occur. */
export const MAX_SEARCH_WORDS = 16;
/** Of a prompt, in characters: what it is about shows in its beginning. */
const LOOKED_AT = 20_000;
/** Longer ones are data (base64, addresses), and no words. */
const MAX_TERM_LENGTH = 40;

/** The characters that FTS5's unicode61 makes tokens of, and the marks that it drops. */
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const HAS_TOKEN = /[\p{L}\p{N}]/u;

/** Finds nothing: no workspace is called so. FTS5 refuses an empty expression. */
const NOTHING = 'scope : "nothing"';

/** Words that stand in any English text, and so tell nothing of what it is about. */
const COMMON = new Set(
  `about above after again against all also and any are because been before being below between both but can could did
   does doing down during each few for from further had has have having her here hers him his how into its just may
   more most must not now off once only other our out over own same she should some such than that the their them
   then there these they this those through too under until use using very was were what when where which while who
   whom why will with would you your`.split(/\s+/),
);

/**
 * The words that tell most of what a text is about: those that occur most often, longer ones before shorter, earlier
 * before later. Words of fewer than three letters and English filler words are left out. At most {@link MAX_TERMS}.
 */
export function searchTerms(text: string): string[] {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text.slice(0, LOOKED_AT))) {
    if (!isTelling(word)) continue;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([one, oneCount], [other, otherCount]) => otherCount - oneCount || other.length - one.length)
    .slice(0, MAX_TERMS)
    .map(([word]) => word);
}

/**
 * An FTS5 expression that finds the entries of a workspace in which any of the terms occurs, and nothing without
 * terms. Each term is quoted: none is ever read as syntax.
 */
export function matchAny(workspaceId: string, terms: readonly string[]): string {
  if (terms.length === 0) return NOTHING;
  return inScope(workspaceId, terms.map(quoted).join(" OR "));
}

/**
 * An FTS5 expression that finds the entries of a workspace in which every word of a person's search begins a word;
 * `null` when the search holds no word at all.
 */
export function matchAll(workspaceId: string, search: string): string | null {
  const words = [...new Set(wordsOf(search))].slice(0, MAX_SEARCH_WORDS);
  if (words.length === 0) return null;
  return inScope(workspaceId, words.map((word) => `${quoted(word)} *`).join(" AND "));
}

/** The word by which the index knows a workspace: see `knowledge_texts` in the migrations. */
function inScope(workspaceId: string, expression: string): string {
  const scope = quoted(`w${workspaceId.replaceAll("-", "")}`);
  return `scope : ${scope} AND {category content context} : (${expression})`;
}

function wordsOf(text: string): string[] {
  const words = text.toWellFormed().normalize("NFC").toLowerCase().match(WORD) ?? [];
  return words.filter((word) => HAS_TOKEN.test(word) && word.length <= MAX_TERM_LENGTH);
}

/** Scripts without spaces between words have telling words of two characters. */
function isTelling(word: string): boolean {
  if (COMMON.has(word)) return false;
  return word.length >= 3 || (word.length === 2 && /[^\p{ASCII}]/u.test(word));
}

function quoted(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}

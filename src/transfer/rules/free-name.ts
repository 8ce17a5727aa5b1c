const MAX_NAME = 200;
const SUFFIX = / \((\d{1,6})\)$/;

/** Up to here a name is never cut to make room for a number. */
const NEVER_CUT = MAX_NAME - " (1000000)".length;
/** Sorts behind everything else in UTF-8. */
const LAST = "\u{10FFFF}";

/**
 * Between which names, by the bytes of their UTF-8, all those lie that {@link freeName} tries: `from` among them, `to`
 * not. A name that is cut begins with less than itself.
 */
export function rangeOfNames(name: string): { from: string; to: string } {
  const stem = stemOf(name);
  if (stem.length <= NEVER_CUT) return { from: `${stem} (`, to: `${stem} )` };
  const start = cut(stem, NEVER_CUT);
  return { from: start, to: `${start}${LAST}` };
}

/** The name without a number behind it. */
function stemOf(name: string): string {
  const stem = name.replace(SUFFIX, "");
  return stem === "" ? name : stem;
}

/** A name that is not taken, made by counting on: "Report" -> "Report (2)", "Report (2)" -> "Report (3)". */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const stem = stemOf(name);
  for (let count = Number(SUFFIX.exec(name)?.[1] ?? 1) + 1; ; count += 1) {
    const suffix = ` (${count})`;
    const candidate = `${cut(stem, MAX_NAME - suffix.length)}${suffix}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Cut without leaving half a character behind. */
function cut(text: string, length: number): string {
  return text.length <= length
    ? text
    : text
        .slice(0, length)
        .replace(/[\uD800-\uDBFF]$/, "")
        .trimEnd();
}

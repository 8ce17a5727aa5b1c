const MAX_NAME = 200;
const SUFFIX = / \((\d{1,6})\)$/;

/** What the names look like that {@link freeName} tries: with the name without its suffix in front of ` (`. */
export function stemOf(name: string): string {
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

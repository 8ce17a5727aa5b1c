/** The way to a value in JSON: names of members and positions in lists. */
export type ValuePath = readonly (string | number)[];

/** What JMESPath reads as a name as it stands. Any other is written in quotes. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words that newer JMESPath reads as its own. */
const RESERVED = new Set(["let", "in"]);

/** A path as an expression of a mapping: `issue.labels[0].name`, `headers."user-agent"`, and `@` for the whole. */
export function expressionOf(path: ValuePath): string {
  const written = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${memberName(step)}`)).join("");
  return written === "" ? "@" : written.replace(/^\./, "");
}

/** A name for the field that a path is mapped to: that of the last member on the way, and none that is taken. */
export function fieldNameOf(path: ValuePath, taken: readonly string[]): string {
  const last = path.findLast((step) => typeof step === "string" && nameable(step));
  const base = typeof last === "string" ? last.slice(0, MAX_NAME) : "value";
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base}${count}`;
    if (!taken.includes(name)) return name;
  }
}

/** The longest name of a field is 128; a number may have to stand behind it. */
const MAX_NAME = 120;

function nameable(member: string): boolean {
  // A ! at the end would make the field a required one of another name.
  return member.trim() !== "" && member !== "__proto__" && !member.endsWith("!");
}

function memberName(name: string): string {
  return PLAIN.test(name) && !RESERVED.has(name) ? name : JSON.stringify(name);
}

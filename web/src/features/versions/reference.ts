import type { Comparison, Version } from "./queries.ts";

/** A version as an address names it: numbers as numbers, which stand there without quotes. */
export function inAddress(reference: string): string | number {
  return /^[1-9]\d{0,14}$/.test(reference) ? Number(reference) : reference;
}

/** What a side of a comparison is called: "Version 7", "Draft". */
export function sideName(side: Comparison["from"]): string {
  return side.draft ? "Draft" : `Version ${side.version}`;
}

/** A version in a list to choose from: its number, and what its message begins with. */
export function versionLabel({ version, commitMessage }: Version): string {
  return `${version} ${commitMessage.trim().split("\n")[0] ?? ""}`;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "SECURITY.md"), "utf8");

/** The rows of the table of threats: file and title of each test that a row names. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .slice(2)
  .map((line) => ({
    threat: line.split("|")[1]?.trim() ?? "",
    tests: [...line.matchAll(/`(test\/[^`]+)`((?:,? "[^"]+")+)/g)].flatMap(([, file = "", titles = ""]) =>
      [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => ({ file, title })),
    ),
  }));

/**
 * Where a title stands as the one of a test or a group that runs: behind `test(`, or `test.each(...)(` with no other
 * test between. A title in a comment, in another text or behind `.skip` or `.todo` is none.
 */
function titled(title: string): RegExp {
  const callee = "\\b(?:test|it|describe)";
  const each = `\\.each(?:(?!${callee}[.(])[^])*?\\)`;
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^[ \\t]*${callee}(?:${each})?\\(\\s*"${escaped}"`, "m");
}

test("the table has rows to check", () => {
  expect(rows.length).toBeGreaterThan(15);
});

test.each(rows)("a test stands behind: $threat", ({ tests }) => {
  expect(tests).not.toEqual([]);
  for (const { file, title } of tests) {
    const source = readFileSync(join(ROOT, file), "utf8");
    expect(titled(title).test(source), `${file} has a test "${title}" that runs`).toBe(true);
  }
});

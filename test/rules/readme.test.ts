import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { SETTING_NAMES } from "../../src/env.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/troubleshooting.md"];
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** The part of the README under a heading of the second level. */
function section(heading: string): string {
  return read("README.md").split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
}

/** The first cells of all tables in a text, without their headings. */
function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| (.+?) \|/gm)]
    .map(([, cell = ""]) => cell)
    .filter((cell) => !/^(package|name)$/.test(cell));
}

/** What a link to a heading looks like, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

test("the table of dependencies has every package that is installed, each once, and no other", () => {
  const packageFile = z
    .object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read("package.json")));
  const installed = [...Object.keys(packageFile.dependencies), ...Object.keys(packageFile.devDependencies)];
  const listed = firstCells(section("Dependencies")).flatMap((cell) => cell.split(", "));
  expect(listed.toSorted()).toEqual(installed.toSorted());
});

test("the table of settings has every setting that a person may give", () => {
  const listed = firstCells(section("Settings")).flatMap((cell) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  // Set by `npm start` itself, and wrong anywhere else.
  expect(listed).toEqual(expect.arrayContaining(SETTING_NAMES.filter((name) => name !== "DETACHED_CONSUMER")));
});

test.each(PAGES)("the links of %s lead to files and headings that there are", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
  for (const [link, path = "", anchor] of links) {
    const target = path === "" ? page : join(dirname(page), path);
    expect(existsSync(join(ROOT, target)), `${page}: ${link}`).toBe(true);
    if (anchor === undefined) continue;
    const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
    expect(headings, `${page}: ${link}`).toContain(anchor);
  }
});

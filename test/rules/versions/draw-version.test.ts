import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { drawVersion, mainVersion } from "../../../src/versions/rules/draw-version.ts";

const shares = [
  { versionId: "v1", weight: 9 },
  { versionId: "v2", weight: 1 },
];
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

test("the same execution always draws the same version, whatever the order of the shares", () => {
  for (let i = 0; i < 100; i += 1) {
    const hash = hashOf(`execution ${i}`);
    expect(drawVersion(shares.toReversed(), hash)).toBe(drawVersion(shares, hash));
  }
});

test("many executions draw each version by its weight", () => {
  let second = 0;
  for (let i = 0; i < 10_000; i += 1) if (drawVersion(shares, hashOf(`execution ${i}`)) === "v2") second += 1;
  // Binomial with n 10,000 and p 0.1: five standard deviations are 150.
  expect(second).toBeGreaterThan(850);
  expect(second).toBeLessThan(1_150);
});

test("a tag that is not shared is its version, and no version draws nothing", () => {
  expect(drawVersion([{ versionId: "v1", weight: 1 }], hashOf("x"))).toBe("v1");
  expect(drawVersion([], hashOf("x"))).toBeUndefined();
});

test("outside executions a shared tag means its largest part, the newer of equals", () => {
  expect(mainVersion(shares)).toBe("v1");
  expect(
    mainVersion([
      { versionId: "v1", weight: 1 },
      { versionId: "v2", weight: 1 },
    ]),
  ).toBe("v2");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { freeName, rangeOfNames } from "../../../src/transfer/rules/free-name.ts";

test("a taken name gets a number that people read, and counts on", () => {
  expect(freeName("Report", new Set(["Report"]))).toBe("Report (2)");
  expect(freeName("Report", new Set(["Report", "Report (2)"]))).toBe("Report (3)");
  expect(freeName("Report (2)", new Set(["Report (2)"]))).toBe("Report (3)");
  expect(freeName("(2)", new Set(["(2)"]))).toBe("(2) (2)");
});

test("a name as long as names may be stays one, and no character is cut in half", () => {
  const name = freeName(`${"x".repeat(195)}😀yz`, new Set());
  expect(name.length).toBeLessThanOrEqual(200);
  expect(name.isWellFormed()).toBe(true);
});

test("what it gives is never taken, and lies where the database is asked for names", () => {
  const short = fc.string({ minLength: 1, maxLength: 200 });
  const long = fc.string({ minLength: 180, maxLength: 200, unit: fc.constantFrom("x", " ", "é", "😀", "(", ")", "2") });
  const names = fc.oneof(short, long).map((name) => name.slice(0, 200).toWellFormed());
  fc.assert(
    fc.property(names, fc.integer({ min: 0, max: 30 }), (name, count) => {
      const taken = new Set([name]);
      const { from, to } = rangeOfNames(name);
      for (let made = 0; made < count; made += 1) {
        const next = freeName(name, taken);
        expect(taken.has(next)).toBe(false);
        expect(next.length).toBeLessThanOrEqual(200);
        expect(Buffer.compare(Buffer.from(from), Buffer.from(next))).toBeLessThanOrEqual(0);
        expect(Buffer.compare(Buffer.from(next), Buffer.from(to))).toBeLessThan(0);
        taken.add(next);
      }
    }),
    { numRuns: 300 },
  );
});

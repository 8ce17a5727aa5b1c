import fc from "fast-check";
import { expect, test } from "vitest";
import { freeName, stemOf } from "../../../src/transfer/rules/free-name.ts";

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

test("what it gives is never taken, and looks like what is asked for of the database", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), fc.integer({ min: 0, max: 30 }), (name, count) => {
      const taken = new Set([name]);
      for (let made = 0; made < count; made += 1) {
        const next = freeName(name, taken);
        expect(taken.has(next)).toBe(false);
        expect(next.length).toBeLessThanOrEqual(200);
        if (name.length < 190) expect(next.startsWith(`${stemOf(name)} (`)).toBe(true);
        taken.add(next);
      }
    }),
    { numRuns: 100 },
  );
});

import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { openArchive } from "../../../src/transfer/archive.ts";
import { bytesSource } from "../../../src/transfer/archive-source.ts";
import { refuseMoreBytes } from "../../../src/transfer/bulk-write.ts";
import { ZipWriter } from "../../../src/transfer/zip-writer.ts";
import { joined } from "../../support/zip.ts";

const NAMES = ["workflow.json", "versions.json", "executions.json"];

function written(files: readonly (readonly Uint8Array[])[]): Uint8Array {
  const zip = new ZipWriter(Date.parse("2026-11-01T00:00:00Z"));
  const chunks = files.flatMap((pieces, place) => [...zip.add(NAMES[place] ?? "", () => pieces)]);
  return joined([...chunks, ...zip.end()]);
}

/** Letters over and over, or bytes that nothing makes shorter: as lengths, since counterexamples are printed. */
const pieceArb = fc.record({ same: fc.boolean(), length: fc.integer({ min: 0, max: 300_000 }) });
const bytesOf = ({ same, length }: { same: boolean; length: number }) => {
  const bytes = new Uint8Array(length).fill(0x61);
  return same ? bytes : randomFillSync(bytes).map((byte) => 0x20 + (byte % 0x5f));
};

test("every archive that is written can be read again, however monotonous its files are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(pieceArb, { maxLength: 5 }), { minLength: 1, maxLength: 3 }), async (asked) => {
      const files = asked.map((pieces) => pieces.map(bytesOf));
      const archive = await openArchive(bytesSource(written(files)));
      for (const [place, pieces] of files.entries()) {
        expect((await archive.text(NAMES[place] ?? "")) === new TextDecoder().decode(joined(pieces))).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test("what no import would take is not written on", () => {
  const MB = 1024 * 1024;
  for (const [packedBytes, unpackedBytes] of [
    [49 * MB, MB],
    [MB, 201 * MB],
  ] as const) {
    expect(() => refuseMoreBytes({ packedBytes, unpackedBytes })).toThrow(/than an import takes/);
  }
  const zip = new ZipWriter(Date.parse("2026-11-01T00:00:00Z"));
  const chunks = [...zip.add("workflow.json", () => [new TextEncoder().encode("{}"), new Uint8Array(3)]), ...zip.end()];
  expect([zip.unpackedBytes, zip.packedBytes]).toEqual([5, joined(chunks).length]);
  expect(() => refuseMoreBytes(zip)).not.toThrow();
});

test("a model that said one word for megabytes makes an archive that is whole, and any other is deflated", () => {
  const text = new TextEncoder().encode(`["${"no ".repeat(2_000_000)}"]`);
  const plain = written([[text]]);
  expect(plain.length).toBeGreaterThan(text.length);
  expect(Buffer.compare(unzipSync(plain)[NAMES[0] ?? ""] ?? new Uint8Array(), text)).toBe(0);
  const prose = new TextEncoder().encode(
    Array.from({ length: 20_000 }, (_, place) => `Sentence ${place} says something else.`).join(" "),
  );
  expect(written([[prose]]).length).toBeLessThan(prose.length / 4);
});

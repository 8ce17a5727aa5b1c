import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { openArchive } from "../../../src/transfer/archive.ts";
import { bytesSource } from "../../../src/transfer/archive-source.ts";
import { isTooLarge, roomForHistory } from "../../../src/transfer/export-limits.ts";
import { ZipWriter } from "../../../src/transfer/zip-writer.ts";
import { joined } from "../../support/zip.ts";

const NAMES = ["workflow.json", "versions.json", "executions.json"];

function written(files: readonly (readonly Uint8Array[])[]): Uint8Array {
  const zip = new ZipWriter(Date.parse("2026-11-01T00:00:00Z"));
  const chunks = files.flatMap((pieces, place) => [...zip.add(NAMES[place] ?? "", () => pieces)]);
  return joined([...chunks, ...zip.end()]);
}

/** Letters over and over, or bytes that nothing makes shorter: as lengths, since counterexamples are printed. */
const pieceArb = fc.record({ same: fc.boolean(), length: fc.integer({ min: 0, max: 200_000 }) });
const bytesOf = ({ same, length }: { same: boolean; length: number }) => {
  const bytes = new Uint8Array(length).fill(0x61);
  return same ? bytes : randomFillSync(bytes).map((byte) => 0x20 + (byte % 0x5f));
};

test("every archive that is written can be read again, however monotonous its files are", {
  timeout: 20_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(pieceArb, { maxLength: 3 }), { minLength: 1, maxLength: 3 }), async (asked) => {
      const files = asked.map((pieces) => pieces.map(bytesOf));
      const archive = await openArchive(bytesSource(written(files)));
      for (const [place, pieces] of files.entries()) {
        expect((await archive.text(NAMES[place] ?? "")) === new TextDecoder().decode(joined(pieces))).toBe(true);
      }
    }),
    { numRuns: 15 },
  );
});

test("as much history goes into an archive as an import takes, however badly it can be packed", () => {
  const MB = 1024 * 1024;
  const [pages, perPage, definition] = [20, 50, 20_000];
  for (const ratio of [1, 2, 4, 20]) {
    const written = { packedBytes: 0, unpackedBytes: 0 };
    let share = 0;
    for (let page = 0; page < pages; page += 1) {
      const workflows = (pages - page) * perPage;
      share = roomForHistory(written, { workflows, characters: workflows * definition });
      written.unpackedBytes += perPage * (definition + share);
      written.packedBytes = written.unpackedBytes / ratio;
      expect(isTooLarge(written)).toBe(false);
    }
    // Little is left unused where it counts, and the first pages have not taken all.
    expect(Math.max(written.packedBytes / (50 * MB), written.unpackedBytes / (200 * MB))).toBeGreaterThan(0.75);
    if (ratio > 1) expect(share).toBeGreaterThan(10_000);
  }
  expect(isTooLarge({ packedBytes: 49 * MB, unpackedBytes: MB })).toBe(true);
  expect(isTooLarge({ packedBytes: MB, unpackedBytes: 201 * MB })).toBe(true);
});

test("an archive tells how large it is, and what it unpacks to", () => {
  const zip = new ZipWriter(Date.parse("2026-11-01T00:00:00Z"));
  const chunks = [...zip.add("workflow.json", () => [new TextEncoder().encode("{}"), new Uint8Array(3)]), ...zip.end()];
  expect([zip.unpackedBytes, zip.packedBytes]).toEqual([5, joined(chunks).length]);
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

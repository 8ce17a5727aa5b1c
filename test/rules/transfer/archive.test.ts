import { describe, expect, test } from "vitest";
import { DomainError } from "../../../src/core/errors.ts";
import { openArchive } from "../../../src/transfer/archive.ts";
import { bytesSource } from "../../../src/transfer/archive-source.ts";
import { type ZipEntry, type ZipOptions, zipOf } from "../../support/zip.ts";

const MB = 1024 * 1024;
const good: ZipEntry = { name: "workflow.json", data: '{"version":"1.0"}' };

/** Reads an archive whole, as an import does, and answers why it is refused. */
async function reasonOf(bytes: Uint8Array): Promise<string> {
  try {
    const archive = await openArchive(bytesSource(bytes));
    for (const name of archive.names) await archive.text(name);
  } catch (error) {
    if (error instanceof DomainError && error.code === "archive_refused") return error.message;
    throw error;
  }
  return "none";
}

const refused = (entries: readonly ZipEntry[], options?: ZipOptions) => reasonOf(zipOf(entries, options));

test("an honest archive gives its texts", async () => {
  const archive = await openArchive(bytesSource(zipOf([good, { name: "versions.json", data: "[]", stored: true }])));
  expect(archive.names).toEqual(["workflow.json", "versions.json"]);
  expect(await archive.text("workflow.json")).toBe('{"version":"1.0"}');
  expect(await archive.text("versions.json")).toBe("[]");
});

describe("names that lead elsewhere are refused", () => {
  test.each([
    ["/etc/passwd"],
    ["../workflow.json"],
    ["workflows/../../x.json"],
    ["C:/x.json"],
    ["workflows\\x.json"],
    ["..\\x.json"],
  ])("%s", async (name) => {
    expect(await refused([{ ...good, name }])).toMatch(/cannot be imported/);
  });
});

describe("an archive that is not what an export writes is refused with its reason", () => {
  test.each<[string, readonly ZipEntry[], RegExp]>([
    ["a file of another name", [good, { name: "readme.txt", data: "hi" }], /no file of this name/],
    ["a folder", [good, { name: "workflows/", data: "" }], /no file of this name/],
    ["the same name twice", [good, good], /two entries|duplicate|ambiguous/],
    [
      "the same name in other letters",
      [
        { name: "workflows/A.json", data: "1" },
        { name: "workflows/a.json", data: "2" },
      ],
      /two entries have this name/,
    ],
    ["an encrypted entry", [{ ...good, claims: { flags: 1 } }], /encrypted/],
    ["a symbolic link", [{ ...good, unixMode: 0o120777 }], /links/],
    ["a device", [{ ...good, unixMode: 0o020666 }], /links and devices/],
    ["an unknown compression", [{ ...good, claims: { method: 14 } }], /compression/],
    ["a wrong checksum", [{ ...good, claims: { crc: 1 } }], /crc|checksum/i],
    ["another name in the local header", [{ ...good, localClaims: { name: "versions.json" } }], /ambiguous|differ/i],
    ["other sizes in the local header", [{ ...good, localClaims: { size: 4 } }], /ambiguous|size|differ/i],
    ["another method in the local header", [{ ...good, localClaims: { method: 0 } }], /ambiguous|differ/i],
    ["a size that is too small", [{ ...good, claims: { size: 3 } }], /size|longer|damaged|invalid/i],
    ["a size that is too large", [{ ...good, claims: { size: 300 } }], /size|invalid/i],
    [
      "data beyond the end of the file",
      [{ ...good, claims: { compressedSize: 90_000 } }],
      /bounds|damaged|overlap|invalid|not found/i,
    ],
    ["text that is not UTF-8", [{ name: "workflow.json", data: new Uint8Array([0x22, 0xff, 0xfe, 0x22]) }], /UTF-8/],
    [
      "a ZIP64 field that lies about the size",
      [{ ...good, claims: { size: 0xffffffff }, extra: zip64(2 ** 40) }],
      /at most|zip64|ambiguous|size/i,
    ],
    [
      "entries that share their bytes",
      [
        { name: "workflows/1.json", data: "x".repeat(500) },
        { name: "workflows/2.json", data: "x".repeat(500), offset: 0 },
      ],
      /overlaps|ambiguous/,
    ],
  ])("%s", async (_, entries, reason) => {
    expect(await refused(entries)).toMatch(reason);
  });

  test.each<[string, Uint8Array]>([
    ["bytes before the archive", zipOf([good], { before: new TextEncoder().encode("MZ stub") })],
    ["bytes after the archive", zipOf([good], { after: new TextEncoder().encode("trailing") })],
    ["another archive behind it", zipOf([good], { after: zipOf([good]) })],
    ["fewer entries than it has", zipOf([good, { name: "versions.json", data: "[]" }], { count: 1 })],
    ["no entry", zipOf([])],
    ["half an archive", zipOf([good]).slice(0, 40)],
    ["two letters", new TextEncoder().encode("PK")],
  ])("%s", async (_, bytes) => {
    expect(await reasonOf(bytes)).toMatch(/cannot be imported/);
  });
});

describe("what would burst is refused before it is unpacked", () => {
  test("an entry over 8 MB", async () => {
    const data = randomText(8 * MB + 1);
    expect(await refused([{ name: "workflow.json", data }])).toMatch(/at most 8388608/);
  });

  test("an entry that claims little and holds much is refused at its claim", async () => {
    const entry = { name: "workflow.json", data: "a".repeat(20 * MB), claims: { size: 1_000 } };
    expect(await refused([entry])).toMatch(/longer|size/i);
  });

  test("a ratio that no JSON of ours has", async () => {
    expect(await refused([{ name: "workflow.json", data: "a".repeat(4 * MB) }])).toMatch(/more than 200 times/);
  });

  test("over 200 MB together", async () => {
    const claims = { size: 8 * MB, compressedSize: 8 * MB, method: 0 };
    const many = Array.from({ length: 26 }, (_, place) => ({ name: `workflows/${place}.json`, data: "x", claims }));
    expect(await refused(many)).toMatch(/at most 209715200/);
  });

  test("over 10,000 entries, in little time", async () => {
    const many = Array.from({ length: 10_001 }, (_, place) => ({
      name: `workflows/${place}.json`,
      data: "1",
      stored: true,
    }));
    const bytes = zipOf(many);
    const begun = performance.now();
    expect(await reasonOf(bytes)).toMatch(/more than 10000 entries/);
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  test("an archive over 50 MB, without reading a byte of it", async () => {
    const source = { size: 50 * MB + 1, read: () => Promise.reject(new Error("was read")) };
    await expect(openArchive(source)).rejects.toMatchObject({ code: "archive_refused" });
  });
});

test("a source that fails is no fault of the archive", async () => {
  const bytes = zipOf([good]);
  const source = { size: bytes.length, read: () => Promise.reject(new Error("Network connection lost.")) };
  await expect(openArchive(source)).rejects.toThrow("Network connection lost");
  await expect(openArchive(source)).rejects.not.toBeInstanceOf(DomainError);
});

/** A ZIP64 extra field (APPNOTE.TXT 4.5.3) with one size. */
function zip64(size: number): Uint8Array {
  const field = new DataView(new ArrayBuffer(12));
  field.setUint16(0, 1, true);
  field.setUint16(2, 8, true);
  field.setBigUint64(4, BigInt(size), true);
  return new Uint8Array(field.buffer);
}

/** Text that hardly packs. */
function randomText(length: number): Uint8Array {
  let seed = 7;
  return Uint8Array.from({ length }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 32 + (seed % 90);
  });
}

import fc from "fast-check";
import { expect, test } from "vitest";
import { boundaryOf, multipartFile } from "../../../src/transfer/multipart-file.ts";
import { collect } from "../../support/collect.ts";
import { joined } from "../../support/zip.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(body: Uint8Array, boundary: string, size = 11): Promise<Uint8Array> {
  return joined(await collect(multipartFile(pieces(body, size), boundary)));
}

test("the file comes out byte by byte as the platform's own forms wrote it, however it comes in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 90 }), async (content, size) => {
      const form = new FormData();
      form.append("note", "before the file\r\n--not-the-boundary");
      form.append("file", new File([content], "export.zip"));
      form.append("more", "after");
      const request = new Request("http://swarm.test/", { method: "POST", body: form });
      const boundary = boundaryOf(request.headers.get("content-type") ?? "") ?? "";
      expect(await read(new Uint8Array(await request.arrayBuffer()), boundary, size)).toEqual(content);
    }),
    { numRuns: 60 },
  );
});

test("lines that look like the beginning of a boundary belong to the file", async () => {
  const content = "\r\n--b\r\r\n--bounda\r\n\r\n--boundarx";
  const body = `--boundary\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${content}\r\n--boundary--\r\n`;
  for (const size of [1, 3, 1_000]) {
    expect(new TextDecoder().decode(await read(bytesOf(body), "boundary", size))).toBe(content);
  }
});

test.each([
  [
    "no part called file",
    '--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--\r\n',
    "no field called file",
  ],
  ["a file that breaks off", '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc', "cut short"],
  ["no boundary in it", "just text".repeat(10), "cut short"],
  ["a header without end", `--b\r\n${"X: y\r\n".repeat(5_000)}`, "not marked"],
])("%s is refused", async (_, body, reason) => {
  await expect(read(bytesOf(body), "b", 4_096)).rejects.toThrow(reason);
});

test("only a form has a boundary, and a form must name one", () => {
  expect(boundaryOf("application/json")).toBeNull();
  expect(boundaryOf(undefined)).toBeNull();
  expect(boundaryOf('multipart/form-data; charset=utf-8; boundary="a b"')).toBe("a b");
  expect(() => boundaryOf("multipart/form-data")).toThrow("boundary");
});

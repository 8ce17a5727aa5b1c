import { describe, expect, it } from "vitest";
import { attachment } from "../../../src/transfer/rules/file-name.ts";
import { browserName } from "../../../web/src/lib/browser-name.ts";
import { formatBytes } from "../../../web/src/lib/bytes.ts";
import { fileNameOf } from "../../../web/src/lib/file-name.ts";

describe("the name of a download", () => {
  it.each(["Report", "Über die Lage (2)", "50% ; filename=x", "工作流"])("is the one that was given: %s", (name) => {
    expect(fileNameOf(attachment(name, "zip"))).toBe(`${name}.zip`);
  });

  it("is the plain one where there is no other, and none without a header", () => {
    expect(fileNameOf('attachment; filename="a.json"')).toBe("a.json");
    expect(fileNameOf(null)).toBeNull();
  });
});

it.each([
  [812, "812 B"],
  [12_431, "12.4 kB"],
  [999_960, "1 MB"],
  [3_100_000, "3.1 MB"],
])("%i bytes are read as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

const AS_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

it.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${AS_CHROME}`, "Chrome on Linux"],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${AS_CHROME} Edg/140.0.0.0`, "Edge on Windows"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 14.6; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on macOS"],
  ["curl/8.9.1", "curl"],
  ["", "Unknown program"],
  [null, "Unknown program"],
])("%s is called %s", (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name);
});

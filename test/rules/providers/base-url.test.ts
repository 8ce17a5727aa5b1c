import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkBaseUrl, MAX_BASE_URL_LENGTH } from "../../../src/providers/rules/base-url.ts";

const away = (text: string) => checkBaseUrl(text, { allowLocal: false });
const atHome = (text: string) => checkBaseUrl(text, { allowLocal: true });

describe("an address that may be called", () => {
  test.each([
    ["https://api.openai.com/v1", "https://api.openai.com/v1"],
    ["https://api.openai.com/v1/", "https://api.openai.com/v1"],
    ["HTTPS://API.Example.COM", "https://api.example.com"],
    ["https://gateway.example.com:8443/openai/v1//", "https://gateway.example.com:8443/openai/v1"],
    ["https://gateway.example.com:443", "https://gateway.example.com"],
    ["https://müller.de/v1", "https://xn--mller-kva.de/v1"],
    ["https://модели.рф", "https://xn--d1acjlcm.xn--p1ai"],
    ["https://a_b.example.com", "https://a_b.example.com"],
    ["https://notlocalhost.com", "https://notlocalhost.com"],
    ["https://mynip.io", "https://mynip.io"],
    ["https://8.8.8.8/v1", "https://8.8.8.8/v1"],
    ["https://[2606:4700:4700::1111]/v1", "https://[2606:4700:4700::1111]/v1"],
  ])("%s is stored as %s", (text, baseUrl) => {
    expect(away(text)).toEqual({ ok: true, baseUrl });
  });
});

describe("an address in a private network is refused in every spelling", () => {
  test.each([
    // 127.0.0.1: decimals, one number, hexadecimal, octal, short forms, other digits and dots, escapes.
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "127.0.0.1.",
    "127。0。0。1",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "%31%32%37.0.0.1",
    "0",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "3232235777",
    "169.254.169.254",
    "0xa9fea9fe",
    "100.64.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[fec0::1]",
    "[ff02::1]",
    "[4000::1]",
    "256.256.256.256",
    "1.2.3.4.5",
    "127.0.0.0x",
  ])("https://%s", (host) => {
    expect(away(`https://${host}/v1`)).toMatchObject({ ok: false });
    expect(away(`https://${host}:8443`)).toMatchObject({ ok: false });
  });

  test.each([
    ["localhost", "this machine itself"],
    ["LOCALHOST", "this machine itself"],
    ["a.localhost", "this machine itself"],
    ["ⓛocalhost", "this machine itself"],
    ["localhost.", "ends in a dot"],
    ["api.openai.com.", "ends in a dot"],
    ["intranet", "not a full public name"],
    ["metadata", "not a full public name"],
    ["printer.local", "only in private networks"],
    ["metadata.google.internal", "only in private networks"],
    ["router.home.arpa", "only in private networks"],
    ["1.0.0.127.in-addr.arpa", "only in private networks"],
    ["nas.lan", "only in private networks"],
    ["a.localdomain", "only in private networks"],
    ["api.test", "only in private networks"],
    ["api.example", "only in private networks"],
    ["api.invalid", "only in private networks"],
    ["abcdef.onion", "only in private networks"],
    ["127.0.0.1.nip.io", "leads to private addresses"],
    ["10-0-0-1.sslip.io", "leads to private addresses"],
    ["nip.io", "leads to private addresses"],
    ["app.localtest.me", "leads to private addresses"],
    ["LVH.me", "leads to private addresses"],
    ["7f000001.08080808.rbndr.us", "leads to private addresses"],
    ["a..com", "not a public name"],
    ["-a.com", "not a public name"],
    ["a.c~m", "not a public name"],
  ])("https://%s: %s", (host, reason) => {
    expect(away(`https://${host}/v1`)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });
});

test.each([
  ["http://api.openai.com/v1", "not https"],
  ["ftp://api.openai.com", "not an https address"],
  ["file:///etc/passwd", "not an https address"],
  ["javascript:alert(1)", "not an https address"],
  ["//api.openai.com", "not an https address"],
  ["api.openai.com", "not an https address"],
  ["https:api.openai.com", "not an https address"],
  ["https:/api.openai.com", "not an https address"],
  ["https:///api.openai.com", "not an https address"],
  ["https:\\\\api.openai.com", "not an https address"],
  ["https://api.openai.com\\@10.0.0.1", "not an https address"],
  ["https://api.open\nai.com", "not an https address"],
  ["https://api.open\tai.com", "not an https address"],
  ["https://api.open\u200bai.com", "not an https address"],
  [" https://api.openai.com", "not an https address"],
  ["", "not an https address"],
  ["https://me@api.openai.com", "user name"],
  ["https://me:secret@api.openai.com", "user name"],
  ["https://@api.openai.com", "user name"],
  ["https://api.openai.com@10.0.0.1", "user name"],
  ["https://api.openai.com/v1?to=", "query or a fragment"],
  ["https://api.openai.com/v1#", "query or a fragment"],
  ["https://10.0.0.1#@api.openai.com", "query or a fragment"],
  ["https://api.openai.com:0", "port 0"],
  ["https://api.openai.com:65536", "can be read"],
  [`https://api.openai.com/${"a".repeat(MAX_BASE_URL_LENGTH)}`, "longer than"],
])("%j is refused: %s", (text, reason) => {
  expect(away(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  expect(atHome(text).ok).toBe(false);
});

describe("where local providers are allowed", () => {
  test.each([
    "http://localhost:11434/v1",
    "https://localhost:11434/v1",
    "http://models.localhost",
    "http://127.0.0.1:8080",
    "http://127.9.9.9",
    "http://[::1]:8080/v1",
  ])("%s may be called", (text) => {
    expect(atHome(text)).toEqual({ ok: true, baseUrl: text });
    expect(away(text).ok).toBe(false);
  });

  test.each([
    "http://192.168.1.1",
    "https://192.168.1.1",
    "https://10.0.0.1",
    "http://0.0.0.0:8080",
    "http://api.openai.com",
    "http://localhost.evil.com",
    "http://[::ffff:127.0.0.1]",
    "https://a.nip.io",
    "http://me@localhost",
  ])("%s still may not", (text) => {
    expect(atHome(text).ok).toBe(false);
  });
});

describe("whatever is given", () => {
  const piece = fc.constantFrom(
    ...["https://", "http://", "127.0.0.1", "[::1]", "localhost", ".", ":", "/", "@", "#", "?", "%", "\\", "0x7f"],
    ...["nip.io", "example.com", "\u0000", "ａ", "[", "]", "8.8.8.8", ":8443", "-"],
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl(),
    fc.array(piece).map((all) => all.join("")),
    fc.array(piece).map((all) => `https://${all.join("")}`),
    fc.ipV4().map((ip) => `https://${ip}/`),
    fc.ipV6().map((ip) => `https://[${ip}]/`),
  );

  test("there is a verdict, and what is let through is https, stays let through and does not change again", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const verdict = away(text);
        if (!verdict.ok) {
          expect(verdict.reason).not.toBe("");
          return;
        }
        expect(verdict.baseUrl).toMatch(/^https:\/\/[^@?#\s\\/]+(?:\/[^?#\s\\]*)?$/);
        expect(away(verdict.baseUrl)).toEqual(verdict);
      }),
      { numRuns: 2_000 },
    );
  });

  test("no spelling of a private IPv4 address gets through", () => {
    const privateNumber = fc.oneof(
      fc.integer({ min: 0x0a000000, max: 0x0affffff }),
      fc.integer({ min: 0x7f000000, max: 0x7fffffff }),
      fc.integer({ min: 0xac100000, max: 0xac1fffff }),
      fc.integer({ min: 0xc0a80000, max: 0xc0a8ffff }),
      fc.integer({ min: 0xa9fe0000, max: 0xa9feffff }),
    );
    const base = fc.constantFrom(
      (part: number) => String(part),
      (part: number) => `0x${part.toString(16)}`,
      (part: number) => `0${part.toString(8)}`,
    );
    fc.assert(
      fc.property(
        privateNumber,
        fc.tuple(base, base, base, base),
        fc.integer({ min: 1, max: 4 }),
        (number, bases, parts) => {
          const bytes = [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
          const first = bytes.slice(0, parts - 1);
          const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
          const host = [...first, last].map((part, index) => (bases[index] ?? String)(part)).join(".");
          expect(away(`https://${host}`)).toMatchObject({ ok: false });
          expect(away(`https://[::ffff:${bytes.join(".")}]`)).toMatchObject({ ok: false });
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

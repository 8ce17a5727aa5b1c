import { describe, expect, test } from "vitest";
import { addressAllowed, parseAllowlist } from "../../../src/webhooks/rules/address.ts";

describe("an allowlist", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    [" 203.0.113.7/32 ", "203.0.113.7"],
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["10.1.2.131/25", "10.1.2.128/25"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:ffff::/36", "2001:db8:f000::/36"],
    ["::/0", "::/0"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["::ffff:10.9.9.9/104", "10.0.0.0/8"],
  ])("writes %s as %s", (entry, canonical) => {
    expect(parseAllowlist([entry])).toEqual({ ok: true, entries: [canonical] });
  });

  test.each([
    "",
    "example.com",
    "10.1",
    "167772161",
    "010.0.0.1",
    "0x0a.0.0.1",
    "10.0.0.256",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/255.0.0.0",
    "2001:db8::/129",
    "fe80::1%eth0",
    "::ffff:10.0.0.0/95",
    "[::1]",
    "10.0.0.1:80",
  ])("refuses %j, with its place", (entry) => {
    const faults = [{ path: "ipWhitelist[1]", message: expect.any(String) }];
    expect(parseAllowlist(["192.0.2.1", entry])).toEqual({ ok: false, faults });
  });

  test("names one entry once and takes a hundred", () => {
    expect(parseAllowlist(["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1/32"])).toEqual({
      ok: true,
      entries: ["192.0.2.1"],
    });
    const many = Array.from({ length: 101 }, (_, n) => `10.0.0.${n}`);
    expect(parseAllowlist(many.slice(1))).toMatchObject({ ok: true });
    expect(parseAllowlist(many)).toMatchObject({ ok: false, faults: [{ path: "ipWhitelist" }] });
  });
});

describe("an address", () => {
  test.each([
    [["203.0.113.0/24"], "203.0.113.255", true],
    [["203.0.113.0/24"], "203.0.114.0", false],
    [["203.0.113.7"], "::ffff:203.0.113.7", true],
    [["203.0.113.7"], "::ffff:cb00:7107", true],
    [["2001:db8::/32"], "2001:db8:ffff::1", true],
    [["2001:db8::/32"], "2001:db9::1", false],
    [["0.0.0.0/0"], "2001:db8::1", false],
    [["::/0"], "203.0.113.7", false],
    [["192.0.2.1", "2001:db8::1"], "2001:0db8:0:0::1", true],
    [["192.0.2.1"], "192.0.2.1, 10.0.0.1", false],
    [["192.0.2.1"], "", false],
    [["192.0.2.1"], "unknown", false],
    [["192.0.2.1"], null, false],
    [[], null, true],
    [[], "anything", true],
    [["unreadable"], "192.0.2.1", false],
  ])("with %j, a call from %j: %s", (list, ip, allowed) => {
    expect(addressAllowed(list, ip)).toBe(allowed);
  });
});

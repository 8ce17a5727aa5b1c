import ipaddr from "ipaddr.js";
import type { ErrorDetail } from "../../core/errors.ts";

export const MAX_ALLOWED_ADDRESSES = 100;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

export type Allowlist =
  /** Entries as they are stored: one way to write each, without repeats. */
  { ok: true; entries: string[] } | { ok: false; faults: ErrorDetail[] };

/**
 * Reads an allowlist of addresses and CIDR ranges, v4 and v6. IPv4 in its IPv6 form (`::ffff:a.b.c.d`) is stored as
 * IPv4, a range with its host bits cleared. `path` is where the list stands, for the faults.
 */
export function parseAllowlist(list: readonly string[], path = "ipWhitelist"): Allowlist {
  if (list.length > MAX_ALLOWED_ADDRESSES) {
    const message = `holds ${list.length} entries; ${MAX_ALLOWED_ADDRESSES} are possible. Join addresses into ranges.`;
    return { ok: false, faults: [{ path, message }] };
  }
  const ranges = list.map((text) => rangeOf(text.trim()));
  const faults = ranges.flatMap((range, at) =>
    typeof range === "string" ? [{ path: `${path}[${at}]`, message: range }] : [],
  );
  if (faults.length > 0) return { ok: false, faults };
  const entries = ranges.flatMap((range) => (typeof range === "string" ? [] : [written(range)]));
  return { ok: true, entries: [...new Set(entries)] };
}

/**
 * Whether a call from this address may come in. An empty list admits everyone; any other refuses a call whose address
 * is not known or not an address.
 */
export function addressAllowed(allowlist: readonly string[], ip: string | null): boolean {
  if (allowlist.length === 0) return true;
  const address = ip === null ? null : addressOf(ip.trim());
  if (address === null) return false;
  return allowlist.some((entry) => {
    const range = rangeOf(entry);
    return typeof range !== "string" && range[0].kind() === address.kind() && address.match(range);
  });
}

/** The range that an entry names, or what is wrong with it. */
function rangeOf(text: string): Range | string {
  const [host = "", bits, ...rest] = text.split("/");
  const address = addressOf(host);
  if (address === null || rest.length > 0) {
    return "is not an IP address or CIDR range. Write one such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32.";
  }
  const width = widthOf(address);
  if (bits === undefined) return [address, width];
  // A mapped address counts the bits of its 128-bit form.
  const prefix = /^(0|[1-9]\d{0,2})$/.test(bits) ? Number(bits) - (isMapped(host) ? 96 : 0) : -1;
  if (prefix < 0 || prefix > width) {
    return isMapped(host)
      ? "needs a prefix from 96 to 128, since it is an IPv4 range written as IPv6. Write it as IPv4."
      : `needs a prefix from 0 to ${width} after the slash.`;
  }
  return [networkOf(address, prefix), prefix];
}

/** An address in its plain form; `null` for forms that are read differently elsewhere (octal, short, with a zone). */
function addressOf(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return null;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function isMapped(text: string): boolean {
  return text.includes(":") && ipaddr.IPv6.isValid(text) && ipaddr.IPv6.parse(text).isIPv4MappedAddress();
}

function widthOf(address: Address): number {
  return address.kind() === "ipv4" ? 32 : 128;
}

function networkOf(address: Address, prefix: number): Address {
  const bytes = address.toByteArray().map((byte, at) => {
    const kept = Math.min(8, Math.max(0, prefix - at * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return ipaddr.fromByteArray(bytes);
}

function written([address, prefix]: Range): string {
  const text = address.kind() === "ipv4" ? address.toString() : ipaddr.IPv6.parse(address.toString()).toRFC5952String();
  return prefix === widthOf(address) ? text : `${text}/${prefix}`;
}

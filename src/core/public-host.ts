import ipaddr from "ipaddr.js";

/**
 * Names that no public DNS answers for. RFC 6761 (localhost, test, example, invalid), 6762 and its appendix G (local and what
 * private networks use), 7686 (onion), 8375 (home.arpa), 9476 (alt); internal is ICANN's own reservation.
 */
const PRIVATE_SUFFIXES: readonly string[] = [
  ...["localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan"],
  ...["test", "example", "invalid", "onion", "alt", "arpa"],
];

/** Public names that lead to private addresses on purpose: the address stands in the name, or is loopback, or alternates. */
const WILDCARD_SUFFIXES: readonly string[] = [
  ...["nip.io", "sslip.io", "xip.io", "xip.name", "traefik.me", "backname.io", "plex.direct", "1u.ms", "rbndr.us"],
  ...["localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "local.gd", "localho.st", "localhost.direct", "fuf.me"],
  ...["lndo.site", "ddev.site"],
];

/**
 * Why a URL's host is not one that this installation may be made to call, `null` when it is: a full public name, or a
 * globally routable address. The name is judged as the URL parser understands it (WHATWG URL), which has turned every
 * spelling of an IPv4 address into four decimals.
 */
export function whyNotPublic(hostname: string): string | null {
  const address = addressOf(hostname);
  if (address !== null) return isGlobal(address) ? null : "an address that is not public";
  if (hostname.endsWith(".")) return "the name ends in a dot: leave it out";
  if (!hostname.includes(".")) return "not a full public name";
  if (!/^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(hostname)) return "not a public name";
  if (endsWithin(hostname, PRIVATE_SUFFIXES)) return "a name that exists only in private networks";
  if (endsWithin(hostname, WILDCARD_SUFFIXES)) return "a name that leads to private addresses";
  return null;
}

/** Whether a URL's host is the machine itself. */
export function isLoopback(hostname: string): boolean {
  const address = addressOf(hostname);
  return address === null ? endsWithin(hostname, ["localhost"]) : address.range() === "loopback";
}

/** Whether a name is one of these or stands below one. */
function endsWithin(hostname: string, suffixes: readonly string[]): boolean {
  return suffixes.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`));
}

/** The IP address that a URL's host is, `null` for a name. */
function addressOf(hostname: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return ipaddr.isValid(bare) ? ipaddr.parse(bare) : null;
}

/**
 * ipaddr.js calls everything unicast that it has no other name for, old forms that embed an IPv4 address among them
 * (`::7f00:1`). What IANA has given out of IPv6 is 2000::/3 (RFC 3587, section 3).
 */
function isGlobal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || ((address.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}

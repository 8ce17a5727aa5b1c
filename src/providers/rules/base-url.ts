import ipaddr from "ipaddr.js";

export const MAX_BASE_URL_LENGTH = 500;

/** A base URL in its normal form, without a slash at its end; or what is wrong with it, for the person who gave it. */
export type BaseUrlVerdict = { ok: true; baseUrl: string } | { ok: false; reason: string };

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
 * Judges the address that a workspace's key would be sent to. It has to be https to a public name or a globally
 * routable address, so that nobody makes this installation call its own network. The name is judged as the URL
 * parser understands it (WHATWG URL), which has turned every spelling of an IPv4 address into four decimals.
 *
 * @param allowLocal also lets through loopback, over http or https: a model server on the same machine
 */
export function checkBaseUrl(text: string, { allowLocal }: { allowLocal: boolean }): BaseUrlVerdict {
  // The parser drops line breaks, reads a backslash as a slash and mends missing ones: nobody means to write those.
  if (!/^https?:\/\/[^/]/i.test(text) || /[\s\p{C}\\]/u.test(text)) return refused("not an https address");
  if (/[?#]/.test(text)) return refused("has a query or a fragment: give the address that paths are added to");
  const url = URL.parse(text);
  if (url === null) return refused("not an address that can be read");
  if (url.href.length > MAX_BASE_URL_LENGTH) return refused(`longer than ${MAX_BASE_URL_LENGTH} characters`);
  if (/^https?:\/\/[^/]*@/i.test(text)) return refused("holds a user name or password: the key goes into apiKey");
  if (url.port === "0") return refused("port 0 cannot be called");

  const isLoopback = loopback(url.hostname);
  if (!(allowLocal && isLoopback)) {
    if (url.protocol !== "https:") return refused("not https: the key would travel readable");
    const reason = isLoopback
      ? "this machine itself: that needs ALLOW_LOCAL_PROVIDERS=true, which npm start sets"
      : whyNotPublic(url.hostname);
    if (reason !== null) return refused(reason);
  }
  return { ok: true, baseUrl: url.href.replace(/\/+$/, "") };
}

function whyNotPublic(hostname: string): string | null {
  const address = addressOf(hostname);
  if (address !== null) return isGlobal(address) ? null : "an address that is not public";
  if (hostname.endsWith(".")) return "the name ends in a dot: leave it out";
  if (!hostname.includes(".")) return "not a full public name";
  if (!/^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(hostname)) return "not a public name";
  if (endsWithin(hostname, PRIVATE_SUFFIXES)) return "a name that exists only in private networks";
  if (endsWithin(hostname, WILDCARD_SUFFIXES)) return "a name that leads to private addresses";
  return null;
}

/** Whether a name is one of these or stands below one. */
function endsWithin(hostname: string, suffixes: readonly string[]): boolean {
  return suffixes.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`));
}

function loopback(hostname: string): boolean {
  const address = addressOf(hostname);
  return address === null ? endsWithin(hostname, ["localhost"]) : address.range() === "loopback";
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

function refused(reason: string): BaseUrlVerdict {
  return { ok: false, reason };
}

import ipaddr from "ipaddr.js";

/**
 * The network by which an address is counted: an IPv4 address itself, the /64 of an IPv6 one, since one subscriber has
 * all of it to choose from. `null` is "unknown".
 */
export function networkOf(ip: string | null): string {
  if (ip === null) return "unknown";
  if (!ip.includes(":") || !ipaddr.IPv6.isValid(ip)) return ip;
  const address = ipaddr.IPv6.parse(ip);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return address.parts.slice(0, 4).join(":");
}

const SAFE_SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

/**
 * The address of a link in a text that a model wrote, or null for one that must not be followed: schemes that run
 * something (`javascript:`, `data:`), and addresses without a host, which would be pages of this dashboard.
 */
export function safeLink(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return SAFE_SCHEMES.has(url.protocol) ? url.href : null;
}

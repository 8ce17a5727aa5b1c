const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a browser tells about where a request comes from. */
export interface RequestSource {
  method: string;
  /** The header `Sec-Fetch-Site`, which scripts cannot set (W3C Fetch Metadata, section 2.3). */
  fetchSite: string | null;
  /** The header `Origin`. */
  origin: string | null;
}

/**
 * Whether a changing request was sent by somebody else's page. A sender without either header is no browser, and
 * holds the cookie because its owner gave it. "same-site" is refused: another host of the same domain is not us.
 */
export function isCrossSite(source: RequestSource, ownOrigins: readonly string[]): boolean {
  return !SAFE_METHODS.has(source.method) && isForeign(source, ownOrigins);
}

/** The same for any method: a WebSocket's upgrade is a GET that no cross-origin rule of browsers holds back. */
export function isForeign(
  { fetchSite, origin }: Omit<RequestSource, "method">,
  ownOrigins: readonly string[],
): boolean {
  if (fetchSite !== null) return fetchSite !== "same-origin" && fetchSite !== "none";
  return origin !== null && !ownOrigins.includes(origin);
}

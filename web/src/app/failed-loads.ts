const failed = new WeakSet<object>();

addEventListener("vite:preloadError", ({ payload }) => failed.add(payload));

/**
 * Whether an error is that a page's own code did not come: the server does not answer, or a newer dashboard took the place
 * of this one. Loading everything again is all that helps, since what was half loaded is not asked for a second time.
 */
export function isFailedLoad(error: unknown): boolean {
  return typeof error === "object" && error !== null && failed.has(error);
}

const failed = new WeakSet<object>();

addEventListener("vite:preloadError", ({ payload }) => {
  failed.add(payload);
  // The router loads everything again at what reads like the browser's own words, also where no server answers: what people
  // then have is the browser's error page.
  payload.message = `A part of the dashboard did not come. ${payload.message}`;
});

/**
 * Whether an error is that a page's own code did not come: the server does not answer, or a newer dashboard took the place
 * of this one. Loading everything again is all that helps, since what was half loaded is not asked for a second time.
 */
export function isFailedLoad(error: unknown): boolean {
  return typeof error === "object" && error !== null && failed.has(error);
}

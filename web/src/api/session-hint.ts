const KEY = "swarm.signed-in";

/**
 * Whether somebody signed in with this browser before. The session's cookie cannot be read by scripts; without this hint
 * every first visit would begin with a refused request, which browsers report as an error.
 */
export const sessionHint = {
  get: (): boolean => localStorage.getItem(KEY) !== null,
  set: (): void => localStorage.setItem(KEY, "1"),
  clear: (): void => localStorage.removeItem(KEY),
};

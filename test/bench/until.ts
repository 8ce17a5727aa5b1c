import { pause } from "./figure.ts";

const PAUSE_MS = 50;
/** Far more than any of it takes on a busy machine: a job that never ends must not hold the whole bench up. */
const AT_MOST_MS = 600_000;

/** Looks every 50 ms until there is something, and answers it. Throws after ten minutes, naming what did not come. */
export async function until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  for (const end = performance.now() + AT_MOST_MS; performance.now() < end; await pause(PAUSE_MS)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not come within ${AT_MOST_MS / 60_000} minutes.`);
}

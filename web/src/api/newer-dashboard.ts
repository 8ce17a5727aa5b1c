/** How long (ms) the server may take: somebody waits for his page. */
const WITHIN_MS = 5_000;

/** The script that a dashboard begins with. Its name holds a digest of the whole dashboard. */
const scriptOf = (page: Document) => page.querySelector("script[type=module][src]")?.getAttribute("src") ?? null;

/** The script of the dashboard that the server has now, where it is another one than this; else null. Throws when nobody answers. */
export async function newerDashboard(): Promise<string | null> {
  const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(WITHIN_MS) });
  const served = scriptOf(new DOMParser().parseFromString(await answer.text(), "text/html"));
  return served === scriptOf(document) ? null : served;
}

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { ROOT } from "../../scripts/local/paths.ts";

const EXECUTABLE = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
/** Where tests leave what they saw, for people to look at. Not checked in. */
const SCREENSHOTS = join(ROOT, "test", "web", "screenshots");

/** A real Chromium. Throws with advice where there is none: a test that is skipped would look like one that passed. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(
      `There is no Chromium at ${EXECUTABLE}. Run \`apt-get install chromium\`, or set CHROMIUM_PATH to one.`,
    );
  }
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page, and what went wrong on it. */
export interface WatchedPage {
  page: Page;
  /** All that was written to the console, uncaught exceptions, and answers with a status from 400 on. */
  problems: string[];
  /** Origins other than its own that the page asked for something. */
  strangers: string[];
}

export interface PageOptions {
  /** The headers that a signed-in person of `test/support/account.ts` sends. */
  as?: { headers: Record<string, string> };
  viewport?: { width: number; height: number };
  /** For somebody who asked for less motion: a dialog that closes is gone at once, and not mistaken for one that is open. */
  reducedMotion?: boolean;
}

/** Opens `url`, in the light scheme, in a fresh profile, which is closed with the test, and waits until the page is loaded. */
export async function openPage(
  browser: Browser,
  url: string,
  { as, viewport = { width: 1280, height: 800 }, reducedMotion = false }: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    colorScheme: "light",
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
    viewport,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  onTestFinished(() => context.close());
  if (as) await signIn(context, url, as.headers);
  const page = await context.newPage();
  const problems: string[] = [];
  const strangers: string[] = [];
  page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith("http") && asked.origin !== new URL(url).origin) strangers.push(request.url());
  });
  await page.goto(url, { waitUntil: "load" });
  return { page, problems, strangers };
}

/** Gives a browser the session of somebody who signed in over the API. */
async function signIn(context: BrowserContext, url: string, headers: Record<string, string>): Promise<void> {
  const cookies = (headers.Cookie ?? "").split("; ").filter((cookie) => cookie !== "");
  await context.addCookies(
    cookies.map((cookie) => {
      const [name = "", ...value] = cookie.split("=");
      return { name, value: value.join("="), url: new URL(url).origin };
    }),
  );
  // The page would otherwise ask first whether there is a session at all.
  await context.addInitScript(() => localStorage.setItem("swarm.signed-in", "1"));
}

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

interface Finding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary: string }[];
}

const RULES = {
  all: { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  /** What the same page may do wrong in another colour scheme. */
  contrast: { runOnly: { type: "rule", values: ["color-contrast"] } },
};

/**
 * The faults of WCAG 2.2 A and AA that axe finds on the page as it is now and calls serious or critical, each as one line
 * with the element. Empty is how it should be.
 */
export async function seriousFaults(page: Page, rules: keyof typeof RULES = "all"): Promise<string[]> {
  // Not as a script of the page: its Content-Security-Policy refuses that, as it should.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(readFileSync(AXE, "utf8"));
  const options = JSON.stringify({ ...RULES[rules], resultTypes: ["violations"] });
  const violations = await page.evaluate<Finding[]>(`axe.run(${options}).then((result) => result.violations)`);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** Keeps what the whole page looks like in `test/web/screenshots`. Not on a machine for checks (`CI`), where nobody looks. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (process.env.CI) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true, animations: "disabled" });
}

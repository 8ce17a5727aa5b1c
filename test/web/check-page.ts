import type { Page } from "playwright-core";
import { expect } from "vitest";
import { screenshot, seriousFaults, type WatchedPage } from "../support/browser.ts";

/** What may be wrong in one scheme alone is the contrast. */
const SCHEMES = [
  { scheme: "dark", rules: "contrast" },
  { scheme: "light", rules: "all" },
] as const;

/**
 * What holds for every page in both schemes, once it shows what it should: nothing in the console, no refused request,
 * nothing asked of another origin, and no serious fault for those who use it without sight or mouse. Keeps a screenshot
 * as `NAME-SCHEME.png`, and leaves the page in the light scheme.
 */
export async function checkPage({ page, problems, strangers }: WatchedPage, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => true));
  for (const { scheme, rules } of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor({ state: "attached" });
    await screenshot(page, `${name}-${scheme}`);
    // What fades out just now, a notification, lacks contrast for a moment: a fault is what stays.
    const message = `faults that axe finds on ${name}, ${scheme}`;
    await expect.poll(() => seriousFaults(page, rules), { message, interval: 500 }).toEqual([]);
  }
  expect(problems, `console and network of ${name}`).toEqual([]);
  expect(strangers).toEqual([]);
}

/** That nothing of the page stands outside of a phone's screen. Leaves it as wide as it was. */
export async function checkPhone(page: Page): Promise<void> {
  const before = page.viewportSize() ?? { width: 1280, height: 800 };
  await page.setViewportSize({ width: 390, height: 844 });
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth), { message: `width of ${page.url()}` })
    .toBe(390);
  await page.setViewportSize(before);
}

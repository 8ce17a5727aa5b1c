import { expect, test } from "vitest";
import { openPage } from "../support/browser.ts";
import { browser, swarm } from "./stage.ts";

test("the reference lists the API's endpoints, readably", async () => {
  const { page, problems, strangers } = await openPage(browser, `${swarm.url}/api/docs`);
  await page.getByText("/api/health", { exact: true }).waitFor();
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const text = page.getByText("Whether the installation answers, and its database");
    expect(await contrast(text), scheme).toBeGreaterThan(4.5);
  }
  expect(problems).toEqual([]);
  expect(strangers).toEqual([]);
});

/** WCAG 2.2's contrast ratio between an element's text and the page behind it, from 1 to 21. */
async function contrast(element: { evaluate<R>(read: (node: Element) => R): Promise<R> }): Promise<number> {
  const [text, ground] = await element.evaluate((node) => {
    const solid = (from: Element | null): string => {
      if (!from) return "rgb(255, 255, 255)";
      const color = getComputedStyle(from).backgroundColor;
      const seeThrough = color === "transparent" || /(,|\/) ?0(\.\d+)?\)$/.test(color);
      return seeThrough ? solid(from.parentElement) : color;
    };
    return [getComputedStyle(node).color, solid(node)];
  });
  const [dark, light] = [luminance(text ?? ""), luminance(ground ?? "")].sort((a, b) => a - b);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** Relative luminance of `rgb(r, g, b)` as WCAG 2.2 defines it. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const channel = Number(part) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

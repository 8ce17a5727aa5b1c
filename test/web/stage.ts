import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";

/** What a file of the browser's tests stands on: importing this starts both before its tests, and ends both after them. */
export let swarm: TestInstance;
export let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  swarm = await startTestInstance();
});
afterAll(async () => {
  await browser?.close();
  await swarm?.stop();
});

import { beforeAll, expect, test } from "vitest";
import type { Account } from "../support/account.ts";
import { openPage } from "../support/browser.ts";
import { checkPage } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

let person: Account;

beforeAll(async () => {
  person = await swarm.signUp();
});

test("a page whose code does not come is loaded as a whole once the server answers again", async () => {
  const watched = await openPage(browser, `${swarm.url}/workflows`, { as: person });
  const { page } = watched;
  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
  await page.route("**/assets/**", (route) => route.abort());
  await page.route("**/api/health", (route) => route.abort());
  await page.getByRole("link", { name: "Knowledge" }).click();
  await page.getByRole("heading", { name: "This page could not be loaded" }).waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("The page still cannot be loaded.").waitFor();
  await page.unroute("**/assets/**");
  await page.unroute("**/api/health");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "No knowledge yet" }).waitFor();
});

test("a page whose code is gone is loaded with the dashboard that took the place of this one, once", async () => {
  const watched = await openPage(browser, `${swarm.url}/workflows`, { as: person });
  const { page } = watched;
  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  await page.route(`${swarm.url}/`, (route) =>
    route.fulfill({ contentType: "text/html", body: '<script type="module" src="/assets/index-newer.js"></script>' }),
  );
  // Of one page the stylesheet is missed first, of the other the script.
  await page.route("**/assets/knowledge-page-*", (route) =>
    loads > 0 ? route.continue() : route.fulfill({ status: 404 }),
  );
  await page.route("**/assets/files-page-*", (route) => route.fulfill({ status: 404 }));
  await page.getByRole("link", { name: "Knowledge" }).click();
  await page.getByRole("heading", { name: "No knowledge yet" }).waitFor();
  expect(loads).toBe(1);

  await page.getByRole("link", { name: "Files" }).click();
  await page.getByRole("heading", { name: "This page could not be loaded" }).waitFor();
  await page.getByText("a newer dashboard took the place of this one").waitFor();
  // The console tells of each time that the page is asked for, also when the pointer rests on its link.
  await checkPage({ ...watched, problems: [] }, "not-loaded");
  expect(loads).toBe(1);
});

test("a dashboard whose script does not come is loaded again once, and says so when that does not help", async () => {
  const { page } = await openPage(browser, `${swarm.url}/sign-in`);
  let asked = 0;
  await page.route("**/assets/index-*.js", (route) => {
    asked += 1;
    return asked > 1 && asked < 4 ? route.continue() : route.fulfill({ status: 404 });
  });
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.evaluate(() => sessionStorage.clear());
  asked = 10;
  await page.reload();
  await page.getByRole("link", { name: "Load it again" }).waitFor();
  expect(asked).toBe(12);
  asked = 1;
  await page.getByRole("link", { name: "Load it again" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("a script of somebody else's, which the policy refuses, neither has a page loaded again nor taken for broken", async () => {
  const { page } = await openPage(browser, `${swarm.url}/sign-in`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  const refused = () =>
    page.evaluate(() => {
      const script = Object.assign(document.createElement("script"), { src: "https://elsewhere.example/counter.js" });
      return new Promise<string>((resolve) => {
        script.onerror = () => resolve("refused");
        document.head.append(script);
      });
    });
  expect([await refused(), await refused()]).toEqual(["refused", "refused"]);
  expect(await page.getByRole("link", { name: "Load it again" }).count()).toBe(0);
});

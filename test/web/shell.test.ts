import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Account, Answer } from "../support/account.ts";
import { openPage } from "../support/browser.ts";
import { createWorkflow, ended, execute } from "../support/workflows.ts";
import { checkPage, checkPhone } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

let person: Account;

beforeAll(async () => {
  person = await swarm.signUp();
});

const open = (path: string, as: Account | null = person) => openPage(browser, `${swarm.url}${path}`, as ? { as } : {});

const membersSchema = z.object({ items: z.array(z.object({ id: z.string() })) });
const linkIn = ({ body }: Answer) => z.object({ link: z.string() }).parse(body).link;

async function signInAs(page: Page, { email, password }: Pick<Account, "email" | "password">): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("an address that is no page's says so inside the dashboard", async () => {
  const watched = await open("/nothing/here", person);
  await watched.page.getByRole("heading", { name: "Page not found" }).waitFor();
  await checkPage(watched, "not-found");
});

test("the palette, the list of shortcuts and the dialogs are usable by everybody", async () => {
  const someone = await swarm.signUp();
  await createWorkflow(someone, ["a>b"]);
  const watched = await open("/workflows", someone);
  const { page } = watched;
  await page.getByRole("row", { name: /A graph/ }).waitFor();

  await page.keyboard.press("ControlOrMeta+k");
  await page.getByPlaceholder("What do you want to do?").fill("graph");
  await checkPage(watched, "palette");
  await page.keyboard.press("Escape");
  await page.getByPlaceholder("What do you want to do?").waitFor({ state: "hidden" });

  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("Go to workflows").waitFor();
  await checkPage(watched, "shortcuts");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  await page.keyboard.press("c");
  await page.getByLabel("Name").fill("Digest");
  await checkPage(watched, "create-workflow");
  // The palette opens over no dialog: Escape would close both.
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("ControlOrMeta+k");
  expect(await page.getByPlaceholder("What do you want to do?").count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  await page.getByRole("button", { name: "Actions for A graph" }).click();
  await page.getByRole("menuitem", { name: "Delete workflow" }).click();
  await page.getByLabel(/Type A graph/).fill("A grap");
  await expect.poll(() => page.getByRole("button", { name: "Delete workflow" }).isDisabled()).toBe(true);
  await checkPage(watched, "delete-workflow");
  await page.getByLabel(/Type A graph/).fill("A graph");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
  await page.getByText("Deleted A graph.").waitFor();
  await checkPage(watched, "deleted");
});

test("on a tablet the sidebar opens over the page and closes where it led", async () => {
  const viewport = { width: 768, height: 1024 };
  const watched = await openPage(browser, `${swarm.url}/workflows`, { as: person, viewport });
  const { page } = watched;
  const link = page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Workflows" });
  await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  await expect.poll(() => link.isVisible()).toBe(false);
  await checkPage(watched, "tablet");
  await page.getByRole("button", { name: "Open the menu" }).click();
  await link.waitFor();
  await checkPage(watched, "tablet-menu");
  // Escape closes a menu that was opened from it first.
  await page.getByTitle("Account").click();
  await page.getByRole("menuitemradio", { name: "Dark" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "hidden" });
  expect(await link.isVisible()).toBe(true);
  await page.keyboard.press("Escape");
  await link.waitFor({ state: "hidden" });
  const opener = page.getByRole("button", { name: "Open the menu" });
  await expect.poll(() => opener.evaluate((button) => button === document.activeElement)).toBe(true);
});

test("a list that cannot be loaded says why, with the request's id, and loads when asked again", async () => {
  const watched = await open("/nothing", person);
  const { page } = watched;
  const error = { code: "internal", message: "The disk is full. Free some.", details: [], requestId: "req-42" };
  await page.route("**/api/workflows?*", (route) => route.fulfill({ status: 500, json: { error } }), { times: 1 });
  await page.getByRole("link", { name: "Go to workflows" }).click();
  await page.getByRole("heading", { name: "The workflows could not be loaded" }).waitFor();
  await page.getByText("The disk is full. Free some.").waitFor();
  await page.getByRole("button", { name: "Copy request id" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("req-42");
  watched.problems.splice(0);
  await checkPage(watched, "error");
  await checkPhone(page);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
});

test("a page that fails as a whole says why, and comes when asked again", async () => {
  const watched = await openPage(browser, `${swarm.url}/sign-in`, { as: person });
  const { page } = watched;
  const error = { code: "internal", message: "The database is gone.", details: [], requestId: "req-43" };
  await page.route("**/api/me", (route) => route.fulfill({ status: 500, json: { error } }), { times: 1 });
  await page.goto(`${swarm.url}/workflows`);
  await page.getByRole("heading", { name: "This page could not be shown" }).waitFor();
  await page.getByText("req-43").waitFor();
  watched.problems.splice(0);
  await checkPage(watched, "page-error");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
});

describe("signing in", () => {
  test("leads back to the page that was asked for, with its filters", async () => {
    const { page } = await open("/workflows?some=filter", null);
    await signInAs(page, person);
    await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe("/workflows?some=filter");
    await page.reload();
    await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  });

  test("with a wrong password says so and keeps what was typed", async () => {
    const { page } = await open("/sign-in", null);
    await page.getByLabel("Email").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("Invalid email or password").waitFor();
    await expect.poll(() => page.getByLabel("Email").inputValue()).toBe(person.email);
  });

  test("never leads to another site", async () => {
    const { page } = await open("/sign-in?next=https%3A%2F%2Fevil.example%2F", null);
    await signInAs(page, person);
    await page.getByRole("heading", { name: "Workflows", exact: true }).waitFor();
  });

  test("is asked for again when the session has ended, and the way back is kept", async () => {
    const someone = await swarm.signUp();
    const workflowId = await createWorkflow(someone, ["a"]);
    const { page } = await open("/workflows", someone);
    await page.getByRole("row", { name: /A graph/ }).waitFor();
    await page.context().clearCookies();
    await page.getByRole("link", { name: "A graph" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await signInAs(page, someone);
    await page.waitForURL(`**/workflows/${workflowId}`);
    await page.getByRole("heading", { name: "A graph" }).waitFor();
  });

  test("out leaves nothing of the person on the screen, nor behind the back button", async () => {
    const someone = await swarm.signUp();
    const { page } = await open("/workflows", someone);
    await page.getByTitle("Account").click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});

describe("links that owners hand out", () => {
  test("an invited viewer makes an account, joins, and is offered nothing that would be refused", async () => {
    const owner = await swarm.signUp();
    await createWorkflow(owner, ["a"]);
    const link = linkIn(await owner.request("POST", "/api/invitations", { role: "viewer" }));
    const watched = await openPage(browser, link);
    const { page } = watched;
    await page.getByRole("heading", { name: /^Join / }).waitFor();
    await checkPage(watched, "invitation");
    await page.getByLabel("Your name").fill("Vera");
    await page.getByLabel("Email").fill(`${crypto.randomUUID()}@swarm.test`);
    await page.getByLabel("New password").fill("correct horse battery");
    await page.getByRole("button", { name: "Create account and join" }).click();
    await page.getByRole("row", { name: /A graph/ }).waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Create workflow" }).count()).toBe(0);
    await expect.poll(() => page.getByRole("button", { name: /^Actions for/ }).count()).toBe(0);
  });

  test("somebody who has an account joins with it and switches between both workspaces", async () => {
    const owner = await swarm.signUp();
    await createWorkflow(owner, ["a"]);
    const link = linkIn(await owner.request("POST", "/api/invitations", { role: "editor" }));
    const { page } = await openPage(browser, link, { as: await swarm.signUp() });
    await page.getByRole("button", { name: /^Join as / }).click();
    await page.getByRole("row", { name: /A graph/ }).waitFor();
    await page.getByTitle("Switch the workspace").click();
    await page.getByRole("menuitem", { name: /Owner/ }).click();
    await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
  });

  test("an invitation that was used says so", async () => {
    const { page } = await open("/invite/not-a-token", null);
    await page.getByRole("heading", { name: "This invitation cannot be used" }).waitFor();
  });

  test("a reset link sets a password that then signs in", async () => {
    const owner = await swarm.signUp();
    const members = membersSchema.parse((await owner.request("GET", "/api/members")).body);
    const link = linkIn(await owner.request("POST", `/api/members/${members.items[0]?.id}/password-reset`));
    const watched = await openPage(browser, link);
    const { page } = watched;
    await page.getByLabel("New password").fill("a new password");
    await checkPage(watched, "password-reset");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByRole("heading", { name: "Your password is set" }).waitFor();
    await page.getByRole("link", { name: "Sign in" }).click();
    await signInAs(page, { email: owner.email, password: "a new password" });
    await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
  });
});

describe("with the keyboard alone", () => {
  test("a list is walked with the arrows, Enter opens, and the new page's heading has the focus", async () => {
    const someone = await swarm.signUp();
    await createWorkflow(someone, ["a"]);
    await createWorkflow(someone, ["b"]);
    const { page } = await open("/workflows", someone);
    const rows = page.getByRole("row", { name: /A graph/ });
    await rows.nth(1).waitFor();
    await rows.nth(0).focus();
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => rows.nth(1).evaluate((row) => row === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    const heading = page.getByRole("heading", { name: "A graph" });
    await heading.waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");

    await page.keyboard.press("g");
    await page.keyboard.press("w");
    await rows.nth(1).waitFor();
  });

  test("letters that are typed into a field start nothing", async () => {
    const { page } = await open("/workflows");
    await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
    await page.keyboard.press("c");
    await page.getByLabel("Name").pressSequentially("g w c ?");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(1);
    await expect.poll(() => page.getByLabel("Name").inputValue()).toBe("g w c ?");
  });

  test("the first Tab offers to skip the navigation", async () => {
    const { page } = await open("/workflows");
    await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
  });
});

test("an execution that somebody else starts shows in the list as it goes, without a reload", async () => {
  const someone = await swarm.signUp();
  const workflowId = await createWorkflow(someone, ["a>b"]);
  const { page, problems } = await open("/workflows", someone);
  const row = page.getByRole("row", { name: /A graph/ });
  await row.getByText("Never executed").waitFor();
  await ended(someone, await execute(someone, workflowId));
  await row.getByText("Succeeded").waitFor();
  expect(problems).toEqual([]);
});

test("a lost connection is said, opened again, and what was missed is shown", async () => {
  const someone = await swarm.signUp();
  const workflowId = await createWorkflow(someone, ["a"]);
  const { page } = await open("/nothing", someone);
  // Playwright's own WebSocket routes always open a connection first, which is what must not happen here.
  await page.addInitScript(() => {
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL) {
        super(document.documentElement.dataset.cutOff === undefined ? url : `${url}/cut-off`);
        addEventListener("cut-off", () => this.close(), { once: true });
      }
    };
  });
  const cutOff = (cut: boolean) =>
    page.evaluate((now) => {
      if (now) document.documentElement.dataset.cutOff = "";
      else delete document.documentElement.dataset.cutOff;
      dispatchEvent(new Event("cut-off"));
    }, cut);
  await page.goto(`${swarm.url}/workflows`);
  const row = page.getByRole("row", { name: /A graph/ });
  await row.getByText("Never executed").waitFor();

  await cutOff(true);
  await page.getByText("Not live, connecting").waitFor();
  await ended(someone, await execute(someone, workflowId));
  await expect.poll(() => row.getByText("Never executed").isVisible()).toBe(true);

  await cutOff(false);
  await row.getByText("Succeeded").waitFor();
  await page.getByText("Not live, connecting").waitFor({ state: "hidden" });
});

test("the chosen colour scheme outlives a reload, and is there before the first paint", async () => {
  const { page } = await open("/workflows");
  await page.getByTitle("Account").click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  // As it is when the page was read, before the dashboard's own script runs.
  await page.addInitScript(() => {
    const read = () => {
      document.documentElement.dataset.first ??= document.documentElement.dataset.mantineColorScheme ?? "none";
    };
    document.addEventListener("readystatechange", read);
  });
  await page.reload();
  expect(await page.locator("html").getAttribute("data-first")).toBe("dark");
});

test("the page may run no script but its own, and may be framed by nobody", async () => {
  const { headers } = await fetch(swarm.url);
  const policy = headers.get("Content-Security-Policy") ?? "";
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
});

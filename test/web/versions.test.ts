import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { Account } from "../support/account.ts";
import { openPage } from "../support/browser.ts";
import { createWorkflow, ended, execute, graphOf } from "../support/workflows.ts";
import { checkPage, checkPhone } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

let person: Account;

beforeEach(async () => {
  person = await swarm.signUp();
});

const open = (path: string) => openPage(browser, `${swarm.url}${path}`, { as: person });

const OLD_PROMPT = ["Write about {{input}}.", "Be brief.", "1", "2", "3", "4", "5", "6", "7", "8", "9"].join("\n");
const NEW_PROMPT = OLD_PROMPT.replace("Be brief.", "Be very brief.").concat("\nCite your sources.");

const versionsSchema = z.object({
  items: z.array(z.object({ id: z.string(), version: z.number(), kind: z.string(), tags: z.array(z.string()) })),
});

/** A graph in which `write` has a long prompt. */
const draft = (edges: readonly string[], write: object = {}) =>
  graphOf(edges, { agents: { write: { prompt: OLD_PROMPT, ...write } } });

async function save(workflowId: string, definition: object): Promise<void> {
  const { status } = await person.request("PUT", `/api/workflows/${workflowId}`, definition);
  expect(status).toBe(200);
}

async function versionsOf(workflowId: string) {
  return versionsSchema.parse((await person.request("GET", `/api/workflows/${workflowId}/versions`)).body).items;
}

async function commit(page: Page, message: string, tag?: string): Promise<void> {
  await page.keyboard.press("Shift+C");
  const dialog = page.getByRole("dialog", { name: "Commit version" });
  await dialog.getByLabel("Message").fill(message);
  if (tag !== undefined) await dialog.getByLabel("Tag (optional)").fill(tag);
  await dialog.getByRole("button", { name: "Commit version" }).click();
  await dialog.waitFor({ state: "hidden" });
}

/** Opens what can be done with a version, and chooses one thing. */
async function choose(page: Page, version: number, action: string): Promise<void> {
  await page.getByRole("button", { name: `Actions for version ${version}`, exact: true }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

const row = (page: Page, name: RegExp) => page.getByRole("table", { name: "Versions" }).getByRole("row", { name });

test("a draft is committed, changed, compared, restored, tagged and split", async () => {
  const body = { name: "Article", ...draft(["research>write", "write>check"]) };
  const { id } = z.object({ id: z.string() }).parse((await person.request("POST", "/api/workflows", body)).body);
  const watched = await open(`/workflows/${id}/versions`);
  const { page } = watched;
  await page.getByRole("heading", { name: "No versions yet" }).waitFor();
  await checkPage(watched, "versions-empty");
  await page.getByRole("link", { name: "Compare" }).click();
  await page.getByRole("heading", { name: "Nothing to compare yet" }).waitFor();
  await page.getByRole("link", { name: "Versions" }).click();

  await commit(page, "First draft\n\nWith three agents.", "production");
  await page.getByText("Committed version 1. The tag production names it now.").waitFor();
  await row(page, /1 First draft.*production/).waitFor();
  await ended(person, await execute(person, id));
  // Nobody reloads: the execution's end is told.
  await row(page, /1 First draft.*1 100 %/).waitFor();

  await save(
    id,
    draft(["research>write?length(input) > `3`", "write>publish"], { prompt: NEW_PROMPT, temperature: 0.7 }),
  );
  await page.reload();
  await page.getByText("Changes not committed").waitFor();
  await row(page, /2 .*Automatic/).waitFor();
  await page.keyboard.press("Shift+C");
  const dialog = page.getByRole("dialog", { name: "Commit version" });
  await dialog.getByText("Since version 1:").waitFor();
  await dialog.getByRole("listitem").filter({ hasText: "Added" }).filter({ hasText: "publish" }).first().waitFor();
  await checkPage(watched, "commit-version");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await commit(page, "Publish in place of a check");
  await row(page, /2 Publish in place of a check/).waitFor();
  await checkPage(watched, "versions");

  await row(page, /2 Publish/)
    .getByRole("link", { name: "2" })
    .click();
  await page.getByRole("heading", { name: /^write/ }).waitFor();
  expect(new URL(page.url()).search).toBe("?from=1&to=2");
  const graph = page.getByRole("region", { name: "Graph of Article, with what differs" });
  await graph.getByText("Added").waitFor();
  await graph.getByText("Removed").waitFor();
  const prompt = page.getByRole("table", { name: "Prompt", exact: true });
  await expect.poll(() => prompt.locator("ins").allTextContents()).toEqual(["very "]);
  await expect.poll(() => prompt.getByText("Cite your sources.").count()).toBe(1);
  await page.getByRole("cell", { name: "0.7" }).first().waitFor();
  await page.getByRole("row", { name: /^Version 1 1 100 %/ }).waitFor();
  await checkPage(watched, "compare-versions");
  await prompt.getByRole("button", { name: "Show 3 lines that are the same" }).click();
  await prompt.getByRole("cell", { name: "5", exact: true }).first().waitFor();

  await graph.locator(".react-flow__node").filter({ hasText: "write" }).click();
  await page.getByRole("button", { name: "Show all changes" }).waitFor();
  await expect.poll(() => page.getByRole("heading", { name: /^publish/ }).count()).toBe(0);
  expect(new URL(page.url()).searchParams.get("node")).toBe("write");
  await checkPage(watched, "compare-versions-node");
  await page.getByRole("button", { name: "Swap the two sides" }).click();
  await page.waitForURL(/from=2&to=1/);
  await page.getByRole("combobox", { name: "To" }).click();
  await page.getByRole("option", { name: "Draft", exact: true }).click();
  await page.getByRole("heading", { name: "Nothing differs" }).waitFor();
  await page.getByText("Version 2 and the draft are the same.").waitFor();
  await checkPage(watched, "compare-same");

  await page.getByRole("link", { name: "Versions" }).click();
  await choose(page, 1, "Restore this version");
  await page.getByText("Version 1 is the draft again, committed as version 3.").waitFor();
  await row(page, /3 Restored from version 1/).waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByText("The draft is as before the restore, committed as version 4.").waitFor();
  await row(page, /4 Restored from version 2/).waitFor();

  await choose(page, 2, "Change tags");
  const tags = page.getByRole("dialog", { name: "Tags of version 2" });
  await tags.getByLabel("Tag", { exact: true }).fill("staging");
  await tags.getByRole("button", { name: "Add tag" }).click();
  await row(page, /2 Publish.*staging/).waitFor();
  await choose(page, 2, "Change tags");
  await tags.getByLabel("Tag", { exact: true }).fill("production");
  await tags.getByText("It moves here from version 1.").waitFor();
  await tags.getByRole("button", { name: "Remove staging" }).waitFor();
  await page.keyboard.press("Tab");
  await checkPage(watched, "version-tags");
  await tags.getByRole("button", { name: "Remove staging" }).click();
  await tags.getByText("It has none.").waitFor();
  await page.keyboard.press("Escape");
  await tags.waitFor({ state: "hidden" });
  // The menu's item that opened it is gone: the focus goes to the menu's button.
  const actions = page.getByRole("button", { name: "Actions for version 2", exact: true });
  await expect.poll(() => actions.evaluate((button) => button === document.activeElement)).toBe(true);

  await choose(page, 2, "Split a tag");
  const split = page.getByRole("dialog", { name: "Split a tag" });
  await split.getByText("90 %").waitFor();
  await split.getByLabel("Weight 2 of the split").fill("3");
  await split.getByText("25 %").waitFor();
  await checkPage(watched, "split-tag");
  await split.getByRole("button", { name: "Split tag" }).click();
  await split.waitFor({ state: "hidden" });
  await row(page, /2 Publish.*production 25 %/).waitFor();
  await row(page, /1 First draft.*production 75 %/).waitFor();
  await page.setViewportSize({ width: 768, height: 1024 });
  await checkPage(watched, "versions-tablet");
  await checkPhone(page);
  expect((await versionsOf(id)).map(({ version, kind }) => `${version} ${kind}`)).toEqual([
    "4 restore",
    "3 restore",
    "2 manual",
    "1 manual",
  ]);
});

test("a commit says when nothing had changed, and when somebody saved meanwhile", async () => {
  const id = await createWorkflow(person, ["a>b"]);
  const watched = await open(`/workflows/${id}/versions`);
  const { page } = watched;
  await page.getByText("No version yet").waitFor();
  await commit(page, "First");
  await page.getByText("Committed version 1.").waitFor();
  await commit(page, "Again");
  await page.getByText("Nothing had changed since version 1: no new one was made.").waitFor();

  await save(id, graphOf(["a>c"]));
  await page.keyboard.press("Shift+C");
  const dialog = page.getByRole("dialog", { name: "Commit version" });
  await dialog.getByLabel("Message").fill("Mine");
  await dialog.getByRole("button", { name: "Commit version" }).click();
  await dialog.getByText("Somebody saved this workflow since you loaded it.", { exact: false }).waitFor();
  expect(watched.problems.splice(0)).toHaveLength(2);
  // What was saved is shown, and can then be committed.
  await dialog.getByRole("listitem").filter({ hasText: "Added" }).first().waitFor();
  await expect.poll(() => dialog.getByLabel("Message").inputValue()).toBe("Mine");
  await dialog.getByRole("button", { name: "Commit version" }).click();
  await row(page, /2 Mine/).waitFor();
  expect((await versionsOf(id)).map(({ kind }) => kind)).toEqual(["manual", "manual"]);
});

test("a commit from the editor takes along what was just typed", async () => {
  const id = await createWorkflow(person, ["a"]);
  await person.request("POST", `/api/workflows/${id}/versions`, { commitMessage: "First" });
  const watched = await open(`/workflows/${id}`);
  const { page } = watched;
  await page.locator(".react-flow__node").filter({ hasText: "OpenAI" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Anna");
  await page.getByRole("button", { name: "Commit version" }).click();
  const dialog = page.getByRole("dialog", { name: "Commit version" });
  await dialog.getByRole("listitem").filter({ hasText: "Anna name" }).waitFor();
  await dialog.getByLabel("Message").fill("Call her Anna");
  await page.keyboard.press("Control+Enter");
  await page.getByText("Committed version 2.").waitFor();
  const { body } = await person.request("GET", `/api/workflows/${id}/versions/1/compare/2`);
  expect(JSON.stringify(body)).toContain('"after":"Anna"');
  expect(watched.problems).toEqual([]);
});

test("automatic versions can be left out, and the address keeps it", async () => {
  const id = await createWorkflow(person, ["a>b"]);
  await person.request("POST", `/api/workflows/${id}/versions`, { commitMessage: "First" });
  await save(id, graphOf(["a>c"]));
  const watched = await open(`/workflows/${id}/versions`);
  const { page } = watched;
  await row(page, /2 .*Automatic/).waitFor();
  await page.keyboard.press("a");
  await row(page, /2 .*Automatic/).waitFor({ state: "detached" });
  expect(new URL(page.url()).search).toBe("?kind=committed");
  await page.reload();
  await row(page, /1 First/).waitFor();
  await expect.poll(() => page.getByRole("button", { name: /^Actions for version/ }).count()).toBe(1);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await row(page, /2 .*Automatic/).waitFor();
  expect(watched.problems).toEqual([]);
});

import { readFileSync } from "node:fs";
import type { Download, Page } from "playwright-core";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Account } from "../support/account.ts";
import { openPage } from "../support/browser.ts";
import { createWorkflow } from "../support/workflows.ts";
import { checkPage } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

const open = (path: string, as: Account) => openPage(browser, `${swarm.url}${path}`, { as });

/** What looks like a key and opens nothing. */
const KEY_LIKE = `sk-ant-${"a1B2c3D4".repeat(4)}`;

const bundleSchema = z.looseObject({
  workflow: z.looseObject({ name: z.string() }),
  agents: z.array(z.looseObject({ temperature: z.number() })),
});

async function exported(person: Account, workflowId: string) {
  return bundleSchema.parse((await person.request("GET", `/api/workflows/${workflowId}/export`)).body);
}

/** Drops a file on the page, as a hand would. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([given = "", content = ""]) => {
      const data = new DataTransfer();
      data.items.add(new File([content], given));
      return data;
    },
    [name, text],
  );
  await page.getByText("Drop an exported file here").waitFor();
  await page.dispatchEvent("main", "drop", { dataTransfer });
}

async function textOf(download: Download): Promise<string> {
  return readFileSync(await download.path(), "utf8");
}

/** Runs the workflow whose page is open, and waits until its execution has succeeded. */
async function run(page: Page, fields: Record<string, string> = { Input: "go" }): Promise<void> {
  await page.getByRole("button", { name: "Run workflow" }).click();
  const dialog = page.getByRole("dialog", { name: "Run workflow" });
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label, { exact: true }).fill(value);
  await dialog.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL("**/executions/*");
  await page.getByText("Succeeded").first().waitFor();
}

test("files and their dialogs are usable by everybody", async () => {
  const person = await swarm.signUp();
  const workflowId = await createWorkflow(person, ["a>b"], { agents: { a: { prompt: `Use ${KEY_LIKE} for it` } } });
  const bundle = await exported(person, workflowId);
  const watched = await open("/workflows", person);
  const { page, problems } = watched;

  await page.getByRole("button", { name: "Actions for A graph" }).click();
  await page.getByRole("menuitem", { name: "Clone workflow" }).click();
  await page.getByLabel("Name of the clone").waitFor();
  await checkPage(watched, "clone");
  await page.getByRole("button", { name: "Clone workflow" }).click();
  await page.getByRole("heading", { name: "A graph copy" }).waitFor();

  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Export workflow" }).click();
  await page.getByRole("button", { name: "Export workflow" }).click();
  await page.getByText("1 place looks like a secret").waitFor();
  await page.getByRole("button", { name: "Show where" }).click();
  await page.getByText("agents[0].prompt").waitFor();
  problems.splice(0);
  await checkPage(watched, "export-findings");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.getByText("Drop an exported file here").waitFor();
  await checkPage(watched, "files-import");
  await drop(page, "many.json", JSON.stringify([bundle, { ...bundle, schedules: [pinned] }]));
  await page.getByRole("row", { name: /A graph \(2\)/ }).waitFor();
  await checkPage(watched, "import-plan");
  await page.getByRole("button", { name: "Import 2 workflows" }).click();
  await page.getByRole("heading", { name: "What became of it" }).waitFor();
  await checkPage(watched, "import-results");

  await page.getByRole("link", { name: "Exports" }).click();
  await page.getByRole("heading", { name: "No exports yet" }).waitFor();
  await checkPage(watched, "exports-empty");
  await page.getByRole("button", { name: "Export workflows" }).first().click();
  await page.getByLabel("Only some").check();
  await page.getByLabel("A graph copy").check();
  await checkPage(watched, "bulk-export");
  await page.getByLabel("Strict").check();
  await page.getByRole("button", { name: "Export 1 workflow" }).click();
  await page.getByRole("button", { name: "Why it failed" }).click();
  await page.getByRole("dialog").getByText("agents[0].prompt").waitFor();
  await checkPage(watched, "export-failed");
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "Templates" }).click();
  await page.getByRole("button", { name: "Use template Daily digest" }).waitFor();
  await checkPage(watched, "templates");
});

/** A schedule that follows a tag which its file does not hold. */
const pinned = { cronExpression: "0 9 * * *", timezone: "UTC", version: "production" };

test("a workflow is exported, deleted, imported from its file and run", async () => {
  const person = await swarm.signUp();
  const workflowId = await createWorkflow(person, ["a>b"]);
  await person.request("POST", `/api/workflows/${workflowId}/versions`, { commitMessage: "The first" });
  const { page, problems } = await open(`/workflows/${workflowId}`, person);

  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Export workflow" }).click();
  await page.getByLabel("Versions").check();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export workflow" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("A graph.json");
  const text = await textOf(download);
  expect(JSON.parse(text)).toMatchObject({ workflow: { name: "A graph" }, versions: [{ commitMessage: "The first" }] });

  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete workflow" }).click();
  await page.getByLabel(/Type A graph/).fill("A graph");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();

  await page.getByRole("link", { name: "Files" }).click();
  await drop(page, "a-graph.json", text);
  await page
    .getByRole("row", { name: /A graph/ })
    .getByText("Create")
    .waitFor();
  // Nothing is written by looking.
  expect((await person.request("GET", "/api/workflows")).body).toMatchObject({ items: [] });
  await page.getByRole("button", { name: "Import 1 workflow" }).click();
  await page.getByRole("link", { name: "A graph" }).click();
  await run(page);
  expect(problems).toEqual([]);
});

test("what becomes of a taken name is asked anew with each choice, and done as planned", async () => {
  const person = await swarm.signUp();
  const text = JSON.stringify(await exported(person, await createWorkflow(person, ["a"])));
  const { page, problems } = await open("/files", person);
  await drop(page, "again.json", text);
  const plan = page.getByRole("table", { name: "Plan" });
  await plan.getByText("Rename").waitFor();
  await page.getByLabel("Skip it").check();
  await plan.getByText("Skip").waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Nothing to import" }).isDisabled()).toBe(true);
  await page.getByLabel("Overwrite the one here").check();
  await plan.getByText("Overwrite").waitFor();
  await page.getByRole("button", { name: "Import 1 workflow" }).click();
  await page.getByRole("table", { name: "Results" }).getByText("Overwritten").waitFor();
  expect((await person.request("GET", "/api/workflows")).body).toMatchObject({ items: [{ name: "A graph" }] });
  expect(problems).toEqual([]);
});

test("a faulty file is refused with the place of each fault, and a mended one goes on", async () => {
  const person = await swarm.signUp();
  const bundle = await exported(person, await createWorkflow(person, ["a", "b"]));
  const faulty = { ...bundle, agents: bundle.agents.map((agent) => ({ ...agent, temperature: 9 })) };
  const { page } = await open("/files", person);
  await page.getByRole("button", { name: "Paste JSON" }).click();
  await page.getByLabel("Workflow as JSON").fill(JSON.stringify(faulty));
  await page.getByRole("button", { name: "Look at it" }).click();
  const faults = page.getByRole("list", { name: "Faults" });
  await faults.getByText("agents[0].temperature").waitFor();
  await faults.getByText("agents[1].temperature").waitFor();
  await page.getByRole("button", { name: "Choose another file" }).click();
  await drop(page, "mended.json", JSON.stringify(bundle));
  await page.getByRole("button", { name: "Import 1 workflow" }).waitFor();
});

test("a large file is planned and imported with progress, and its address leads back to it", async () => {
  const person = await swarm.signUp();
  const bundle = await exported(person, await createWorkflow(person, ["a"]));
  const many = Array.from({ length: 24 }, (_, place) => ({
    ...bundle,
    workflow: { ...bundle.workflow, name: `Copy ${place}` },
  }));
  const { page, problems } = await open("/files", person);
  await drop(page, "many.json", JSON.stringify(many));
  await page.getByRole("button", { name: "Import 24 workflows" }).click();
  await page.waitForURL("**/files?import=*");
  await page
    .getByRole("row", { name: /Copy 23/ })
    .getByText("Created")
    .waitFor();
  await page.reload();
  await page.getByRole("link", { name: "Copy 23" }).click();
  await page.getByRole("heading", { name: "Copy 23" }).waitFor();
  expect(problems).toEqual([]);
});

test("all workflows are exported in one go, followed live until the file is there to download", async () => {
  const person = await swarm.signUp();
  for (const edges of [["a"], ["a>b"], ["c"]]) await createWorkflow(person, edges);
  const { page, problems } = await open("/files/exports", person);
  await page.getByRole("button", { name: "Export workflows" }).first().click();
  await page.getByRole("button", { name: "Export all workflows" }).click();
  const row = page.getByRole("table", { name: "Exports" }).getByRole("row").nth(1);
  await row.getByText("Ready").waitFor();
  await row.getByText("in 6 d").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    row.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^swarm-export-.*\.zip$/);
  expect(
    readFileSync(await download.path())
      .subarray(0, 2)
      .toString(),
  ).toBe("PK");
  expect(problems).toEqual([]);
});

test("a template becomes a workflow that runs", async () => {
  const { page, problems } = await open("/workflows", await swarm.signUp());
  await page.getByRole("button", { name: "Choose a template" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Use template Translate and review" }).click();
  await page.getByRole("heading", { name: "Translate and review" }).waitFor();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await run(page, { "Input as JSON": JSON.stringify({ text: "Guten Morgen", to: "English" }) });
  expect(problems).toEqual([]);
});

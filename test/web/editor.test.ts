import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { z } from "zod";
import { workflowSchema } from "../../src/workflows/inputs.ts";
import type { Account } from "../support/account.ts";
import { openPage } from "../support/browser.ts";
import { createWorkflow, ended } from "../support/workflows.ts";
import { checkPage } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

const MOD = "ControlOrMeta";
const versionsSchema = z.object({ items: z.array(z.object({ commitMessage: z.string() })) });

async function openEditor(person: Account, workflowId: string) {
  const viewport = { width: 1440, height: 900 };
  const watched = await openPage(browser, `${swarm.url}/workflows/${workflowId}`, { as: person, viewport });
  await saved(watched.page);
  return watched;
}

async function newWorkflow(person: Account, name = "A graph"): Promise<string> {
  const { body } = await person.request("POST", "/api/workflows", { name });
  return workflowSchema.parse(body).id;
}

async function stored(person: Account, workflowId: string) {
  return workflowSchema.parse((await person.request("GET", `/api/workflows/${workflowId}`)).body);
}

const saved = (page: Page) => page.getByText("Saved", { exact: true }).waitFor();
const card = (page: Page, name: string) => page.getByLabel(new RegExp(`^${name}, `));
const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });

async function draw(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.hover({ force: true });
  await page.mouse.down();
  await to.hover({ force: true });
  await page.mouse.up();
}

test("a graph of two agents is built, connected and written with mouse and keyboard, and is saved by itself", async () => {
  const person = await swarm.signUp();
  const workflowId = await newWorkflow(person);
  const watched = await openEditor(person, workflowId);
  const { page } = watched;
  await page.getByRole("heading", { name: "No agents yet" }).waitFor();
  await checkPage(watched, "editor-empty");

  await page.getByRole("button", { name: "Add the first agent" }).click();
  await field(page, "Name").fill("Facts");
  await card(page, "Facts").waitFor();
  await page.locator(".react-flow__pane").dblclick({ position: { x: 560, y: 120 } });
  await field(page, "Name").fill("Article");
  await checkPage(watched, "editor-agent");

  const source = card(page, "Facts").locator(".react-flow__handle.source");
  await draw(page, source, card(page, "Article").locator(".react-flow__handle.target"));
  await page.getByLabel("Edge from Facts to Article").waitFor();
  await draw(page, card(page, "Article").locator(".react-flow__handle.source"), card(page, "Facts"));
  await page.getByRole("alert").getByText("Article already waits for Facts").waitFor();
  await page.getByRole("alert").getByRole("button", { name: "Close" }).click();

  await card(page, "Article").click();
  await field(page, "Prompt").pressSequentially("Write on {{fac");
  await page.getByRole("option", { name: /Output of Facts/ }).waitFor();
  await checkPage(watched, "editor-completion");
  await page.keyboard.press("Enter");
  await page.keyboard.type(" now");
  await saved(page);
  await page.getByText("1 warning").waitFor();
  await checkPage(watched, "editor");

  const { nodes, edges, agents } = await stored(person, workflowId);
  const [facts, article] = agents;
  expect(nodes).toHaveLength(2);
  expect(edges).toMatchObject([{ source: facts?.nodeId, target: article?.nodeId }]);
  expect(article).toMatchObject({ name: "Article", prompt: `Write on {{steps.${facts?.nodeId}.output}} now` });
});

test("every field of an agent, an edge and the workflow is there, and a fault stands on its node and leads to it", async () => {
  const person = await swarm.signUp();
  const workflowId = await createWorkflow(person, ["a>b?contains(output, 'yes')", "b>c"], {
    agents: { c: { provider: "openai", model: "gpt-4", prompt: "On {{steps.gone.output}}" } },
  });
  const watched = await openEditor(person, workflowId);
  const { page } = watched;
  await page.getByRole("button", { name: "Lay out the graph" }).click();
  await saved(page);
  expect(new Set((await stored(person, workflowId)).nodes.map(({ position }) => position.x)).size).toBe(3);

  await page.getByRole("button", { name: "1 fault" }).click();
  await checkPage(watched, "editor-faults");
  await page.getByRole("button", { name: /There is no node "gone"/ }).click();
  await expect.poll(() => field(page, "Name").inputValue()).toBe("c");
  await expect.poll(() => card(page, "c").getAttribute("aria-label")).toContain('There is no node "gone"');
  await page.getByText(/hut down on .* Its successor is/).waitFor();

  for (const part of ["Sampling", "Capabilities and knowledge", "Fallback"]) {
    await page.getByRole("button", { name: part }).click();
  }
  await page.getByRole("combobox", { name: "When the model fails" }).click();
  await page.getByRole("option", { name: "As set here" }).click();
  await page.getByRole("button", { name: "Add target" }).click();
  await page.getByRole("button", { name: "What would happen now?" }).click();
  await page.getByRole("list", { name: "Targets that would be tried now" }).getByText("own model").waitFor();
  await page.getByRole("textbox", { name: "Temperature" }).fill("9");
  await page.getByText("A number from 0 to 2.").waitFor();
  await page.getByRole("textbox", { name: "Temperature" }).fill("0.2");
  await saved(page);
  await checkPage(watched, "editor-fallback");
  const c = (await stored(person, workflowId)).agents.find(({ name }) => name === "c");
  expect(c).toMatchObject({ temperature: 0.2, fallback: { enabled: true, targets: [{ provider: "anthropic" }] } });

  await page.getByLabel(/^Edge from a to b/).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: /Condition/ }).fill("contains(output");
  await page.getByText("2 faults").waitFor();
  await page
    .getByLabel("Edge")
    .getByText(/A condition is JMESPath/)
    .waitFor();
  await checkPage(watched, "editor-edge");

  await page.keyboard.press("Escape");
  await page.locator(".react-flow__pane").click({ position: { x: 20, y: 20 } });
  await page.getByRole("textbox", { name: /Input schema/ }).fill('{"type": "object"');
  await page.getByText(/^Not saved: .*JSON/).waitFor();
  await page.getByRole("textbox", { name: /Input schema/ }).fill('{"type": "strange"}');
  await page.getByRole("button", { name: "Try again" }).waitFor();
  watched.problems.splice(0);
  await checkPage(watched, "editor-workflow");
  await page.getByRole("textbox", { name: /Input schema/ }).fill('{"type": "object"}');
  await saved(page);
  expect((await stored(person, workflowId)).settings).toEqual({ inputSchema: { type: "object" } });
});

test("on a tablet the details open over the canvas", async () => {
  const person = await swarm.signUp();
  const workflowId = await createWorkflow(person, ["a>b"]);
  const options = { as: person, viewport: { width: 820, height: 1180 }, reducedMotion: true };
  const watched = await openPage(browser, `${swarm.url}/workflows/${workflowId}`, options);
  const { page } = watched;
  await card(page, "b").click();
  await field(page, "Name").waitFor();
  await checkPage(watched, "editor-tablet-agent");
  // Escape closes one thing at a time.
  await field(page, "Prompt").fill("");
  await field(page, "Prompt").pressSequentially("Hi {{");
  const offer = page.getByRole("listbox", { name: "What can stand here" });
  await offer.waitFor();
  await page.keyboard.press("Escape");
  await offer.waitFor({ state: "hidden" });
  expect(await field(page, "Prompt").inputValue()).toBe("Hi {{");
  await page.keyboard.press("Escape");
  await field(page, "Name").waitFor({ state: "hidden" });
  await checkPage(watched, "editor-tablet");
});

test("two who save the same draft are asked, and neither loses anything", async () => {
  const person = await swarm.signUp();
  const workflowId = await createWorkflow(person, ["a>b"]);
  const watched = await openEditor(person, workflowId);
  const { page } = watched;
  const saveElsewhere = async (name: string) => {
    const draft = await stored(person, workflowId);
    await person.request("PUT", `/api/workflows/${workflowId}`, { ...draft, name });
  };
  const dialog = page.getByRole("dialog", { name: "The draft was changed elsewhere" });
  // Theirs comes first, however slow the machine: what is saved here waits for it.
  let theirs: string | null = null;
  let theirsAfterOurs: string | null = null;
  await page.route(`**/api/workflows/${workflowId}`, async (route) => {
    if (route.request().method() !== "PUT") return route.continue();
    const [before, after] = [theirs, theirsAfterOurs];
    theirs = null;
    theirsAfterOurs = null;
    if (before !== null) await saveElsewhere(before);
    if (after === null) return route.continue();
    const response = await route.fetch();
    await saveElsewhere(after);
    // Time for it to be told before ours is answered.
    await page.waitForTimeout(500);
    await route.fulfill({ response });
  });

  // With nothing to save here there is nothing to ask: it is told live, and taken over.
  await saveElsewhere("Told live");
  await page.getByText("The draft was changed elsewhere. This is how it is now").waitFor();
  await expect.poll(() => field(page, "Name").inputValue()).toBe("Told live");
  theirsAfterOurs = "Told meanwhile";
  await field(page, "Name").fill("Ours before theirs");
  await expect.poll(() => field(page, "Name").inputValue()).toBe("Told meanwhile");
  expect(watched.problems).toEqual([]);

  theirs = "Theirs";
  await field(page, "Name").fill("Mine");
  await dialog.getByRole("button", { name: "Keep mine" }).waitFor();
  await dialog.getByText("They differ in the name.").waitFor();
  watched.problems.splice(0);
  await checkPage(watched, "editor-conflict");
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await saved(page);
  expect((await stored(person, workflowId)).name).toBe("Mine");
  const { body } = await person.request("GET", `/api/workflows/${workflowId}/versions`);
  expect(versionsSchema.parse(body).items.map(({ commitMessage }) => commitMessage)).toContain(
    "Kept before another draft took its place",
  );

  theirs = "Theirs again";
  await field(page, "Name").fill("Mine again");
  await dialog.getByRole("button", { name: "Load theirs" }).click();
  await dialog.waitFor({ state: "hidden" });
  await expect.poll(() => field(page, "Name").inputValue()).toBe("Theirs again");
  await page.getByRole("button", { name: "Undo", exact: true }).first().click();
  await expect.poll(() => field(page, "Name").inputValue()).toBe("Mine again");
});

test("everything is done with keys: add, connect, copy, paste, select all, delete, undo, redo, find", async () => {
  const person = await swarm.signUp();
  const workflowId = await createWorkflow(person, ["a"]);
  const { page, problems } = await openEditor(person, workflowId);
  const cards = page.locator(".react-flow__node");
  const edges = page.locator(".react-flow__edge");
  await card(page, "a").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("a");
  await page.getByLabel("Edge from a to Agent 2").waitFor({ state: "attached" });
  await expect.poll(() => cards.count()).toBe(2);

  await page.keyboard.press(`${MOD}+a`);
  await page.getByText("2 agents and 1 edge.").waitFor();
  await page.keyboard.press(`${MOD}+c`);
  await page.keyboard.press(`${MOD}+v`);
  await expect.poll(() => cards.count()).toBe(4);
  await expect.poll(() => edges.count()).toBe(2);
  await page.keyboard.press("Delete");
  await expect.poll(() => cards.count()).toBe(2);
  await page.keyboard.press(`${MOD}+z`);
  await expect.poll(() => cards.count()).toBe(4);
  await page.keyboard.press(`Shift+${MOD}+z`);
  await expect.poll(() => cards.count()).toBe(2);

  await page.keyboard.press("/");
  await page.keyboard.type("Agent 2");
  await page.keyboard.press("Enter");
  await expect.poll(() => field(page, "Name").inputValue()).toBe("Agent 2");
  await expect.poll(() => page.getByRole("combobox", { name: "Find an agent" }).inputValue()).toBe("");
  await page.getByRole("button", { name: "Remove the edge from a" }).click();
  await expect.poll(() => edges.count()).toBe(0);
  await page.getByRole("combobox", { name: "Connect to" }).click();
  await page.getByRole("option", { name: "a", exact: true }).click();
  await page.getByLabel("Edge from Agent 2 to a").waitFor({ state: "attached" });

  await card(page, "Agent 2").focus();
  await page.keyboard.press("e");
  await expect.poll(() => field(page, "Name").evaluate((input) => input === document.activeElement)).toBe(true);
  await card(page, "Agent 2").focus();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("Delete what is selected").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  // A drag with the mouse selects agents, and no text that would be copied in their place.
  const pane = await page.locator(".react-flow__pane").boundingBox();
  const { x = 0, y = 0, width = 0, height = 0 } = pane ?? {};
  await page.keyboard.press("f");
  // The view moves for a moment.
  await page.waitForTimeout(400);
  await page.keyboard.down("Shift");
  await page.mouse.move(x + 8, y + 8);
  await page.mouse.down();
  await page.mouse.move(x + width - 8, y + height - 8, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await page.getByText("2 agents and 1 edge.").waitFor();
  await page.keyboard.press(`${MOD}+c`);
  await page.keyboard.press(`${MOD}+v`);
  await expect.poll(() => cards.count()).toBe(4);
  await page.keyboard.press(`${MOD}+z`);
  await page.keyboard.press(`${MOD}+a`);
  await card(page, "a").click();
  await card(page, "Agent 2").click({ modifiers: ["Shift"] });
  await page.getByText(/^2 agents/).waitFor();
  await saved(page);
  const after = await stored(person, workflowId);
  expect(after.edges).toHaveLength(1);
  expect(after.edges[0]?.target).toBe("a");
  expect(problems).toEqual([]);
});

test("what is edited without a network is kept, asked about on leaving, and saved once there is one", async () => {
  const person = await swarm.signUp();
  const workflowId = await createWorkflow(person, ["a"]);
  const { page } = await openEditor(person, workflowId);
  await page.route("**/api/workflows/*", (route) => route.abort());
  await field(page, "Name").fill("Renamed offline");
  await page.getByText(/Not saved: The server does not answer/).waitFor();
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Workflows" }).click();
  await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Stay" }).click();
  await page.unroute("**/api/workflows/*");
  await saved(page);
  expect((await stored(person, workflowId)).name).toBe("Renamed offline");

  // The server took it, and its answer was lost: that is no draft of somebody else's.
  let isLost = false;
  await page.route(`**/api/workflows/${workflowId}`, async (route) => {
    if (isLost || route.request().method() !== "PUT") return route.continue();
    await route.fetch();
    isLost = true;
    await route.abort();
  });
  await field(page, "Name").fill("Answer lost");
  await expect.poll(() => isLost).toBe(true);
  await field(page, "Name").fill("And edited since");
  await saved(page);
  expect((await stored(person, workflowId)).name).toBe("And edited since");
  await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
});

test("executing right after an edit executes what is on screen, and its nodes then show how they did", async () => {
  const person = await swarm.signUp();
  const workflowId = await createWorkflow(person, ["a"]);
  const { page } = await openEditor(person, workflowId);
  await card(page, "a").click();
  await field(page, "Name").fill("Renamed");
  await page.getByRole("button", { name: "Run workflow" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("heading", { name: "Execution" }).waitFor();
  const execution = await ended(person, new URL(page.url()).pathname.split("/").at(-1) ?? "");
  expect(execution.steps.map(({ name }) => name)).toEqual(["Renamed"]);
  await page.goBack();
  await card(page, "Renamed, worker, .*, succeeded").waitFor();
});

test("a viewer looks at everything and changes nothing", async () => {
  const owner = await swarm.signUp();
  await createWorkflow(owner, ["a>b"]);
  const invitation = (await owner.request("POST", "/api/invitations", { role: "viewer" })).body;
  const { link } = z.object({ link: z.string() }).parse(invitation);
  const { page, problems } = await openPage(browser, link, { as: await swarm.signUp() });
  await page.getByRole("button", { name: /^Join as / }).click();
  await page.getByRole("link", { name: "A graph" }).click();
  await card(page, "b").click();
  await expect.poll(() => field(page, "Name").inputValue()).toBe("b");
  await expect.poll(() => field(page, "Name").isEditable()).toBe(false);
  await expect.poll(() => field(page, "Prompt").isEditable()).toBe(false);
  await expect.poll(() => page.getByRole("button", { name: "Add agent" }).count()).toBe(0);
  await card(page, "b").focus();
  const drawn = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  const before = await page.locator(".react-flow__node").allTextContents();
  for (const key of ["Delete", "a"]) {
    await page.keyboard.press(key);
    await drawn();
    expect(await page.locator(".react-flow__node").allTextContents(), key).toEqual(before);
  }
  expect(problems).toEqual([]);
});

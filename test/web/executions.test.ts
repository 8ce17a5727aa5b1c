import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { Account } from "../support/account.ts";
import { openPage } from "../support/browser.ts";
import { createWorkflow, ended, execute, graphOf, until } from "../support/workflows.ts";
import { checkPage, checkPhone } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

let person: Account;

beforeEach(async () => {
  swarm.providers.reset();
  person = await swarm.signUp();
});

const open = (path: string) => openPage(browser, `${swarm.url}${path}`, { as: person });

const REPORT = [
  "# Findings",
  "",
  "Tea is **older** than coffee, says [a source](https://example.com/tea).",
  "",
  "| Drink | Since |",
  "|---|---|",
  "| Tea | 2737 BC |",
  "| Coffee | 850 |",
  "",
  "- [x] checked",
  "",
  "```",
  "brew(tea)",
  "```",
].join("\n");

const HOSTILE = [
  "<script>window.hacked = 'script'</script>",
  `<img src="x" onerror="window.hacked = 'onerror'">`,
  `<a href="https://example.com" onclick="window.hacked = 'onclick'">html link</a>`,
  "[run me](javascript:window.hacked='link')",
  "[data](data:text/html,<script>window.hacked='data'</script>)",
  "[inside](/workflows)",
  "![pixel](https://evil.example/pixel.png)",
  "<javascript:window.hacked='auto'>",
  `<iframe srcdoc="<script>parent.hacked = 'frame'</script>"></iframe>`,
  "[fine](https://example.com/fine)",
].join("\n\n");

test("an execution lights up step by step, ends, and stands in the list", async () => {
  // Each step waits until it has been seen under way.
  const [researchSeen, writeSeen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  swarm.providers.on({ contains: "You are research" }, { text: REPORT, until: researchSeen.promise });
  swarm.providers.on({ contains: "You are write" }, { text: REPORT, until: writeSeen.promise });
  const watched = await open("/executions");
  const { page } = watched;
  await page.getByRole("heading", { name: "No executions yet" }).waitFor();
  await checkPage(watched, "executions-empty");

  const workflowId = await createWorkflow(person, ["research>write"]);
  const executionId = await execute(person, workflowId);
  // Nobody reloads: the list is told.
  await page.getByRole("row", { name: /Running/ }).waitFor();
  await page.goto(`${swarm.url}/executions/${executionId}`);
  const steps = page.getByRole("list", { name: "Timeline" }).getByRole("button");
  await steps.filter({ hasText: "research" }).getByText("Running").waitFor();
  await expect.poll(() => steps.filter({ hasText: "write" }).getByText("Pending").isVisible()).toBe(true);
  researchSeen.resolve();
  await steps.filter({ hasText: "write" }).getByText("Running").waitFor();
  await expect.poll(() => steps.filter({ hasText: "research" }).getByText("Succeeded").isVisible()).toBe(true);
  const graph = page.getByRole("region", { name: "Graph of the execution" });
  const node = (name: string) => graph.locator(".react-flow__node").filter({ hasText: name });
  await node("write").getByText("Running").waitFor();
  await expect.poll(() => node("research").getByText("Succeeded").isVisible()).toBe(true);
  const places = async () => [await graph.boundingBox(), await steps.first().boundingBox()];
  const before = await places();
  await checkPage(watched, "execution-running");
  writeSeen.resolve();
  await page.locator("header").getByText("Succeeded").waitFor();
  await page.getByRole("heading", { name: "Findings" }).waitFor();
  await expect.poll(() => page.getByRole("cell", { name: "2737 BC" }).isVisible()).toBe(true);
  await node("write").getByText("Succeeded").waitFor();
  await node("write").getByText("$").waitFor();
  expect(await places(), "nothing jumps while it runs").toEqual(before);
  await checkPage(watched, "execution-succeeded");

  await node("research").click();
  await page.getByRole("heading", { name: "research" }).waitFor();
  await steps.filter({ hasText: "write" }).click();
  await page.getByRole("heading", { name: "write" }).waitFor();
  await page.getByRole("tab", { name: "Attempts" }).click();
  await page.getByRole("table", { name: "Attempts" }).getByText("write").waitFor();
  await checkPage(watched, "execution-attempts");
  await checkPhone(page);
  await page.getByRole("tab", { name: "Log" }).click();
  await page
    .getByRole("table", { name: "Log" })
    .getByText(/^\d\d:\d\d:\d\d\.\d{3}$/)
    .first()
    .waitFor();
  await checkPage(watched, "execution-log");
  await page.reload();
  await page.getByRole("heading", { name: "write" }).waitFor();
  await page.getByRole("table", { name: "Log" }).waitFor();

  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Executions" }).click();
  await page.getByRole("row", { name: /A graph.*Succeeded.*By hand/ }).waitFor();
  await checkPage(watched, "executions");
});

test("what failed is explained, and its retry takes over what succeeded", async () => {
  const workflowId = await createWorkflow(person, ["research>write"], {
    agents: {
      write: {
        fallback: {
          enabled: true,
          strategy: "ordered",
          targets: [{ provider: "gemini", model: "gemini-3.5-flash-lite" }],
          on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
          retries: 0,
        },
      },
    },
  });
  swarm.providers.on({ contains: "You are write." }, { status: 400, message: "The prompt is not allowed." });
  const executionId = await execute(person, workflowId);
  await ended(person, executionId);
  const watched = await open(`/executions/${executionId}`);
  const { page } = watched;
  await page.locator("header").getByText("Failed").waitFor();
  await page.getByText("in step write").waitFor();
  await checkPage(watched, "execution-failed");

  swarm.providers.reset();
  swarm.providers.on({ provider: "anthropic" }, { status: 500 });
  await page.getByRole("button", { name: "Retry", exact: true }).click();
  await page.getByText(/Retrying\. 1 step taken over/).waitFor();
  await page.locator("header").getByText("Succeeded").waitFor();
  await page.getByText("Taken over", { exact: true }).waitFor();
  const timeline = page.getByRole("list", { name: "Timeline" });
  await timeline.getByRole("button", { name: /write/ }).getByText("Fallback").waitFor();
  await checkPage(watched, "execution-retried");
  await page.setViewportSize({ width: 768, height: 1024 });
  await checkPage(watched, "execution-tablet");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page
    .getByRole("dialog")
    .getByRole("row", { name: /Failed/ })
    .waitFor();
  await checkPage(watched, "compare-with");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.getByRole("link", { name: "Compare both" }).click();
  await page.getByRole("heading", { name: "Compare executions" }).waitFor();
  await page.getByRole("row", { name: /Status.*Failed.*Succeeded.*Differs/ }).waitFor();
  await page.getByRole("heading", { name: "write Differs" }).waitFor();
  await page.getByRole("heading", { name: "research Same" }).waitFor();
  await checkPage(watched, "compare");
});

test("a workflow is run with the form that its schema makes, and again with what was entered", async () => {
  const graph = graphOf(["a"]);
  const inputSchema = {
    type: "object",
    required: ["topic", "words"],
    properties: {
      topic: { type: "string", title: "Topic", description: "What the article is about." },
      words: { type: "integer", title: "Words", maximum: 500 },
      tone: { enum: ["plain", "warm"], title: "Tone" },
      draft: { type: "boolean", title: "Draft only" },
    },
  };
  const body = { name: "Article", ...graph, settings: { inputSchema } };
  expect((await person.request("POST", "/api/workflows", body)).status).toBe(201);
  const watched = await open("/executions");
  const { page } = watched;
  await page.getByRole("heading", { name: "No executions yet" }).waitFor();
  await page.keyboard.press("c");
  await page.getByRole("dialog").getByLabel("Workflow").fill("Artic");
  await page.getByRole("option", { name: "Article" }).click();
  await page.getByLabel("Words").fill("many");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByText("Enter a number.").waitFor();
  await page.getByText("Fill this in").waitFor();
  await checkPage(watched, "run-workflow");

  await page.getByLabel("Topic").fill("Tea");
  await page.getByLabel("Words").fill("900");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("heading", { name: "The workflow was not run" }).waitFor();
  await expect.poll(() => page.getByLabel("Topic").inputValue()).toBe("Tea");
  watched.problems.splice(0);
  await checkPage(watched, "run-refused");
  await page.getByLabel("Words").fill("300");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator("header").getByText("Succeeded").waitFor();
  await page.getByRole("tab", { name: "Input" }).click();
  await page.getByText('"words": 300').waitFor();
  await checkPage(watched, "execution-input");

  await page.getByRole("button", { name: "Run again" }).click();
  await expect.poll(() => page.getByLabel("Topic").inputValue()).toBe("Tea");
  await expect.poll(() => page.getByLabel("Words").inputValue()).toBe("300");
});

test("an execution is started with keys alone, and once only when the first answer is lost", async () => {
  const workflowId = await createWorkflow(person, ["a"]);
  const { page } = await open(`/workflows/${workflowId}`);
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.keyboard.press("r");
  const input = page.getByRole("dialog").getByRole("textbox", { name: "Input", exact: true });
  await expect.poll(() => input.evaluate((field) => field === document.activeElement)).toBe(true);
  await page.keyboard.type("a cat");
  await page.route(
    "**/execute",
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  const run = page.getByRole("button", { name: "Run", exact: true });
  await run.click();
  await page.getByRole("heading", { name: /^No answer came/ }).waitFor();
  await run.click();
  await page.getByRole("heading", { name: "Execution", exact: true }).waitFor();
  const { body } = await person.request("GET", "/api/executions");
  expect(z.object({ items: z.array(z.unknown()) }).parse(body).items).toHaveLength(1);
});

test("an execution that is cancelled says so, and its call is given up", async () => {
  swarm.providers.on({}, { fault: "hang" });
  const workflowId = await createWorkflow(person, ["a>b"]);
  const executionId = await execute(person, workflowId);
  await until(person, executionId, ({ steps }) => steps.some(({ status }) => status === "running"));
  const watched = await open(`/executions/${executionId}`);
  const { page } = watched;
  await page.getByRole("button", { name: "Cancel execution" }).click();
  await page.locator("header").getByText("Cancelled").waitFor();
  await page.getByRole("button", { name: "Retry", exact: true }).waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Cancel execution" }).count()).toBe(0);
  await checkPage(watched, "execution-cancelled");
});

test("what an agent writes runs nothing, fetches nothing and leads nowhere but to the web", async () => {
  swarm.providers.on({}, { text: HOSTILE });
  const executionId = await execute(person, await createWorkflow(person, ["a"]));
  await ended(person, executionId);
  const watched = await open(`/executions/${executionId}`);
  const { page } = watched;
  const output = page.locator(".sw-md");
  await output.getByRole("link", { name: "fine" }).waitFor();
  expect(await output.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")))).toEqual(
    ["https://example.com/fine"],
  );
  expect(await output.locator("script, img, iframe, [onerror], [onclick]").count()).toBe(0);
  await output.getByText("run me").click();
  await output.getByText("inside").click();
  await expect.poll(() => output.getByText("<script>").first().isVisible()).toBe(true);
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
  expect(new URL(page.url()).pathname).toBe(`/executions/${executionId}`);
  await checkPage(watched, "execution-hostile");
});

test("the filters stand in the address, and survive a reload", async () => {
  const workflowId = await createWorkflow(person, ["a"]);
  await ended(person, await execute(person, workflowId));
  const watched = await open("/executions?status=nonsense");
  const { page } = watched;
  const row = page.getByRole("row", { name: /A graph/ });
  await row.waitFor();
  await page.getByRole("combobox", { name: "Status" }).click();
  await page.getByRole("option", { name: "Failed" }).click();
  await page.getByRole("heading", { name: "No executions fit" }).waitFor();
  expect(new URL(page.url()).searchParams.get("status")).toBe("failed");
  await page.reload();
  await page.getByRole("heading", { name: "No executions fit" }).waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await row.waitFor();
  expect(new URL(page.url()).search).toBe("");
  await page.getByLabel("To", { exact: true }).fill("2020-01-31");
  await page.getByRole("heading", { name: "No executions fit" }).waitFor();
  await page.getByRole("button", { name: "Show all executions" }).click();
  await row.waitFor();
  expect(watched.problems).toEqual([]);
});

import examples from "@octokit/webhooks-examples" with { type: "json" };
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { findModel } from "../../src/costs/index.ts";
import { checkInput } from "../../src/definitions/index.ts";
import { startExecution } from "../../src/executions/index.ts";
import type { ScheduleView } from "../../src/schedules/inputs.ts";
import { checkBundle } from "../../src/transfer/check-bundle.ts";
import { importPorts } from "../../src/transfer/import-ports.ts";
import type { TemplateView } from "../../src/transfer/template-inputs.ts";
import { TEMPLATES } from "../../src/transfer/templates/index.ts";
import type { WebhookView } from "../../src/webhooks/inputs.ts";
import { applyMapping } from "../../src/webhooks/mapping.ts";
import { validateWorkflow } from "../../src/workflows/index.ts";
import type { WorkflowView } from "../../src/workflows/inputs.ts";
import { type Account, ctxOf, joinAs, signUp } from "../worker/accounts.ts";
import { ctxWith, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";

const ports = importPorts({ ENCRYPTION_KEY: "a key of the tests that is 32 long" });

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function bundleOf(id: string) {
  const template = TEMPLATES.find((each) => each.id === id);
  const checked = template && (await checkBundle(ctxOf(account), ports, template.bundle));
  if (!checked?.ok) throw new Error(`${id} is no bundle: ${JSON.stringify(checked)}`);
  return checked;
}

async function install(id: string, who: Account = account): Promise<WorkflowView> {
  const { status, body } = await who.send<WorkflowView>("POST", `/api/templates/${id}/install`);
  if (status !== 201) throw new Error(`installing ${id} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

describe.each(TEMPLATES)("the template $id", ({ id }) => {
  test("is a bundle of today's format that can be executed, without a warning", async () => {
    const { bundle, warnings } = await bundleOf(id);
    expect(warnings).toEqual([]);
    const { nodes, edges, settings } = bundle.workflow;
    const validation = validateWorkflow({ nodes, edges, settings, agents: bundle.agents });
    expect(validation).toEqual({ valid: true, errors: [], warnings: [] });
  });

  test("uses models that nobody has announced the end of, and works with a key of any provider", async () => {
    const { bundle } = await bundleOf(id);
    for (const { name, provider, model, fallback } of bundle.agents) {
      expect([name, findModel(provider, model)?.retiredAt]).toEqual([name, null]);
      const others = fallback?.targets.map((target) => target.provider) ?? [];
      expect([name, [provider, ...others].toSorted()]).toEqual([name, ["anthropic", "gemini", "openai"]]);
    }
  });

  test("is installed as a workflow that is valid over the API", async () => {
    const workflow = await install(id);
    const { bundle } = await bundleOf(id);
    expect(workflow).toMatchObject({ name: bundle.workflow.name, agents: bundle.agents, edges: bundle.workflow.edges });
    const { body } = await account.send("POST", `/api/workflows/${workflow.id}/validate`, {});
    expect(body).toEqual({ valid: true, errors: [], warnings: [] });
    const versions = await account.send<{ items: object[] }>("GET", `/api/workflows/${workflow.id}/versions`);
    expect(versions.body.items).toMatchObject([
      { kind: "import", commitMessage: `Installed from the template ${bundle.workflow.name}` },
    ]);
  });
});

describe("the gallery", () => {
  test("installs a template once for a key, however often it is sent", async () => {
    const install = (headers: Record<string, string>, id = "daily-digest") =>
      account.send<WorkflowView>("POST", `/api/templates/${id}/install`, undefined, headers);
    const once = { "Idempotency-Key": "install-1" };
    const answers = await Promise.all([install(once), install(once)]);
    answers.push(await install(once));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect((await install(once, "issue-triage")).status).toBe(409);
    expect((await install({})).body.id).not.toBe(answers[0]?.body.id);
  });

  test("lists what there is, with the agents of each", async () => {
    const { items } = (await account.send<{ items: TemplateView[] }>("GET", "/api/templates")).body;
    expect(items.map(({ id }) => id)).toEqual(TEMPLATES.map(({ id }) => id));
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    const [first] = items;
    expect(first).toMatchObject({ name: "Research and report", category: "research" });
    expect(first?.agents[0]).toEqual({ name: "Planner", role: "planner", provider: "openai", model: "gpt-6-luna" });
  });

  test("installs under another name when its own is taken, for editors only, and nothing that is not there", async () => {
    const stranger = await signUp();
    const names = [await install("daily-digest", stranger), await install("daily-digest", stranger)].map(
      ({ name }) => name,
    );
    expect(new Set(names).size).toBe(2);
    const viewer = await joinAs(stranger, "viewer");
    expect((await viewer.send("GET", "/api/templates")).status).toBe(200);
    expect((await viewer.send("POST", "/api/templates/daily-digest/install")).status).toBe(403);
    expect(await account.send("POST", "/api/templates/nothing/install")).toMatchObject({
      status: 404,
      body: { error: { code: "template_not_found" } },
    });
  });

  test("a schedule arrives paused, with what it needs to be resumed", async () => {
    const { id } = await install("daily-digest");
    const path = `/api/workflows/${id}/schedules`;
    const [schedule] = (await account.send<{ items: ScheduleView[] }>("GET", path)).body.items;
    expect(schedule).toMatchObject({ enabled: false, nextRunAt: null, cronExpression: "0 7 * * 1-5" });
    const resumed = await account.send<ScheduleView>("POST", `/api/schedules/${schedule?.id}/resume`);
    expect(resumed).toMatchObject({ status: 200, body: { enabled: true, nextRunAt: expect.any(String) } });
  });
});

const payloads = z
  .array(z.object({ name: z.string(), examples: z.array(z.record(z.string(), z.unknown())) }))
  .parse(examples)
  .filter(({ name }) => name === "issues")
  .flatMap((event) => event.examples);

describe("triage of issues", () => {
  const mapped = async (payload: unknown) => {
    const { bundle } = await bundleOf("issue-triage");
    const result = applyMapping(bundle.webhooks[0]?.payloadTransformer ?? null, payload);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return { input: result.input, faults: checkInput(bundle.workflow.settings.inputSchema ?? {}, result.input) };
  };

  test("takes GitHub's own payload of a new issue, and refuses that of any other action at the door", async () => {
    expect(payloads.length).toBeGreaterThan(5);
    for (const payload of payloads) {
      const { input, faults } = await mapped(payload);
      const wanted = payload.action === "opened" || payload.action === "reopened";
      expect([payload.action, faults.length === 0]).toEqual([payload.action, wanted]);
      expect(input).toMatchObject({ title: expect.any(String), repository: expect.stringContaining("/") });
    }
  });

  test("arrives with a webhook that checks GitHub's signature by a secret of its own", async () => {
    const { id } = await install("issue-triage");
    const path = `/api/workflows/${id}/webhooks`;
    const [webhook] = (await account.send<{ items: WebhookView[] }>("GET", path)).body.items;
    expect(webhook).toMatchObject({ enabled: true, signature: { scheme: "github" }, secretKey: expect.any(String) });
  });

  test.each([
    ["BUG", "Investigator"],
    ["QUESTION", "Helper"],
    ["FEATURE", "Assessor"],
    ["NOISE", undefined],
  ])("of kind %s is handed to %s alone, and noise to nobody", async (kind, expected) => {
    const { id } = await install("issue-triage");
    const calls = answerAsOpenAi(({ system }) => ({
      text: system?.startsWith("You sort issues") ? `KIND: ${kind}\nSEVERITY: LOW` : "drafted",
    }));
    const engine = testEngine();
    const { input } = await mapped(payloads.find(({ action }) => action === "opened"));
    const trigger = { type: "manual", id: null } as const;
    const ctx = ctxWith(account, engine);
    const { executionId } = await startExecution(ctx, engine, { workflowId: id, input, trigger });
    await engine.drain();
    const { body } = await account.send<{ status: string; steps: { name: string; status: string }[] }>(
      "GET",
      `/api/executions/${executionId}`,
    );
    expect(body.status).toBe("succeeded");
    const ran = body.steps.filter(({ status }) => status === "succeeded").map(({ name }) => name);
    expect(ran).toEqual(expected === undefined ? ["Sorter"] : ["Sorter", expected, "Note taker"]);
    expect(calls).toHaveLength(ran.length);
  });
});

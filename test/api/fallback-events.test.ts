import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import type { FallbackEventView } from "../../src/providers/inputs.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { chatAnswer, KEY, onWire, put, removeAll } from "../worker/credentials.ts";
import { ctxWith, testEngine } from "../worker/engine.ts";
import { ended, execute } from "../worker/executions.ts";
import { createWorkflow } from "../worker/workflows.ts";

interface List<Item> {
  items: Item[];
  nextCursor: string | null;
}

let owner: Account;
let viewer: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
  stranger = await signUp("Sven");
  viewer = await joinAs(owner, "viewer");
});

const get = <Body>(who: Account, path: string) => who.send<Body>("GET", path);

describe("GET /api/fallback-events", () => {
  let execution: string;
  const DAY = Date.parse("2026-03-10T00:00:00.000Z");
  const HOUR = 3_600_000;

  async function event(over: { hour: number; from?: string; to?: string; workflowId?: string; attempt?: number }) {
    const { hour, from = "openai", to = "anthropic", workflowId = "w1", attempt = 2 } = over;
    await env.DB.prepare(
      `INSERT INTO fallback_events (workspace_id, execution_id, node_id, fence, attempt, workflow_id, from_provider,
         from_model, to_provider, to_model, reason, success, at) VALUES (?, ?, ?, 1, ?, ?, ?, 'm1', ?, 'm2', 'auth', 1, ?)`,
    )
      .bind(owner.workspaceId, execution, `n${hour}`, attempt, workflowId, from, to, DAY + hour * HOUR)
      .run();
  }
  beforeAll(async () => {
    onWire(() => chatAnswer("done"));
    execution = await execute(owner, await createWorkflow(owner, ["a>"]));
    await ended(owner, execution);
    vi.restoreAllMocks();
    await event({ hour: 1 });
    await event({ hour: 2, to: "gemini" });
    await event({ hour: 3, from: "anthropic", to: "gemini", workflowId: "w2" });
    await event({ hour: 23 });
    // Of the same moment: their order must hold all the same, or a page would lose one.
    await event({ hour: 23, attempt: 3, from: "anthropic", to: "gemini" });
    await event({ hour: 25 });
  });

  const nodesOf = async (query: string, who = viewer) =>
    (await get<List<FallbackEventView>>(who, `/api/fallback-events${query}`)).body.items.map(({ nodeId }) => nodeId);

  test("come newest first, with all that is known of each", async () => {
    expect(await nodesOf("")).toEqual(["n25", "n23", "n23", "n3", "n2", "n1"]);
    const { items } = (await get<List<FallbackEventView>>(viewer, "/api/fallback-events?limit=1")).body;
    expect(items).toEqual([
      {
        at: "2026-03-11T01:00:00.000Z",
        executionId: execution,
        nodeId: "n25",
        workflowId: "w1",
        fromProvider: "openai",
        fromModel: "m1",
        toProvider: "anthropic",
        toModel: "m2",
        reason: "auth",
        success: true,
      },
    ]);
  });

  test.each([
    ["provider=gemini", ["n23", "n3", "n2"]],
    ["provider=anthropic", ["n25", "n23", "n23", "n3", "n1"]],
    ["workflowId=w2", ["n3"]],
    ["workflowId=w3", []],
    ["from=2026-03-10T03:00:00Z", ["n25", "n23", "n23", "n3"]],
    ["to=2026-03-10", ["n23", "n23", "n3", "n2", "n1"]],
    ["from=2026-03-10T02:00:00Z&to=2026-03-10T04:00:00Z&provider=openai", ["n2"]],
  ])("%s", async (query, nodes) => {
    expect(await nodesOf(`?${query}`)).toEqual(nodes);
  });

  test("pages of one hold each event once, in the same order", async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const path: string = `/api/fallback-events?limit=1${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
      const { body }: { body: List<FallbackEventView> } = await get(viewer, path);
      seen.push(...body.items.map(({ nodeId, toProvider }) => `${nodeId} ${toProvider}`));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(["n25 anthropic", "n23 gemini", "n23 anthropic", "n3 gemini", "n2 gemini", "n1 anthropic"]);
  });

  test("an agent whose own key is removed while its execution waits is answered by another, and event and step say so", async () => {
    const person = await signUp("Ida");
    onWire(() => chatAnswer("done"));
    const agent = { provider: "anthropic", model: "claude-haiku-4-5" };
    const workflowId = await createWorkflow(person, ["a>"], { agents: { a: agent } });
    await put(person, { apiKey: KEY }, "anthropic");
    const engine = testEngine();
    const ctx = ctxWith(person, engine);
    const trigger = { type: "manual", id: null } as const;
    const { executionId } = await startExecution(ctx, engine, { workflowId, input: null, trigger });
    await removeAll(person);
    await engine.drain();
    vi.restoreAllMocks();
    expect((await getExecution(ctx, engine, executionId)).steps).toMatchObject([
      { status: "succeeded", provider: "openai", fallbackUsed: true },
    ]);
    const { body } = await get<List<FallbackEventView>>(person, "/api/fallback-events");
    expect(body.items).toMatchObject([
      {
        fromProvider: "anthropic",
        fromModel: agent.model,
        toProvider: "openai",
        reason: "not_configured",
        success: true,
      },
    ]);
  });

  test("another workspace sees none of them", async () => {
    expect(await nodesOf("", stranger)).toEqual([]);
    expect(await nodesOf("?workflowId=w1", stranger)).toEqual([]);
  });

  test.each([
    ["provider=acme", 422],
    ["from=yesterday", 422],
    ["limit=0", 422],
    ["limit=201", 422],
    ["cursor=nonsense", 422],
  ])("%s is refused", async (query, status) => {
    expect((await get(viewer, `/api/fallback-events?${query}`)).status).toBe(status);
  });
});

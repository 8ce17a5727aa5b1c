import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { exportLedger } from "../../src/costs/export-ledger.ts";
import { readCosts } from "../../src/costs/read-costs.ts";
import { type Account, ctxOf, joinAs, signUp } from "../worker/accounts.ts";
import { call, record } from "../worker/ledger.ts";
import { MARCH, recordMarch } from "../worker/march-ledger.ts";
import { createWorkflow } from "../worker/workflows.ts";

const at = (iso: string) => Date.parse(iso);

let owner: Account;
let viewer: Account;
let stranger: Account;
let writers: string;
beforeAll(async () => {
  owner = await signUp("Olga");
  viewer = await joinAs(owner, "viewer");
  stranger = await signUp("Sven");
  writers = await createWorkflow(owner, ["a"]);
  await recordMarch(owner, writers);
});

describe("the export of calls", () => {
  const lines = async (query: string, who = viewer) =>
    (await (await who.fetch(`/api/analytics/export?${query}`)).text()).split("\r\n").slice(0, -1);

  test("is a CSV file with a header and one row a call, oldest first", async () => {
    const response = await viewer.fetch(`/api/analytics/export?${MARCH}`);
    expect(response.headers.get("Content-Type")).toBe("text/csv; charset=utf-8; header=present");
    expect(response.headers.get("Content-Disposition")).toBe(
      'attachment; filename="swarm-costs-2026-03-01-2026-03-31.csv"',
    );
    const [header, first, ...rest] = (await response.text()).split("\r\n");
    expect(header).toBe(
      "at,executionId,workflowId,workflowName,versionId,nodeId,attempt,agentId,agentRole,provider,modelAsked,model," +
        "inputTokens,cachedInputTokens,cacheWriteTokens,cacheWrite1hTokens,outputTokens,reasoningTokens,costNanoUsd,costUsd",
    );
    expect(first).toMatch(
      new RegExp(
        `^2026-03-01T00:00:00.000Z,[0-9a-f-]{36},${writers},Workflow \\d+,v1,a,1,agent-a,writer,openai,gpt-x,gpt-x,1000,300,20,1,50,9,4200000,0.0042$`,
      ),
    );
    expect(rest.at(-2)).toMatch(/^2026-03-31T23:59:59.999Z,[0-9a-f-]{36},gone,,v1,.*,new-model,10,0,0,0,5,0,,$/);
    expect(rest.at(-1)).toBe("");
    expect(rest).toHaveLength(5);
  });

  test("holds what the filters and the zone leave, and its header when that is nothing", async () => {
    expect(await lines("startDate=2026-03-29&endDate=2026-03-29&timezone=Europe/Berlin")).toHaveLength(3);
    expect(await lines(`${MARCH}&provider=anthropic&workflowId=gone`)).toHaveLength(2);
    expect(await lines("startDate=2020-01-01&endDate=2020-01-31")).toHaveLength(1);
  });

  test("cannot make a spreadsheet calculate, nor break out of its cell", async () => {
    const { workspaceId } = stranger;
    const day = "2026-05-05T10:00:00Z";
    await record(
      call({ workspaceId, at: at(day), agentRole: '=HYPERLINK("http://evil.test";"x")', executionId: "1" }),
      call({ workspaceId, at: at(day), agentRole: "@SUM(1)", model: "+1", modelAsked: "-2", executionId: "2" }),
      call({ workspaceId, at: at(day), agentRole: 'a "quoted", role\r\nof two lines', executionId: "3" }),
      call({ workspaceId, at: at(day), agentRole: "\t=1", executionId: "4" }),
    );
    const csv = await (await stranger.fetch("/api/analytics/export?startDate=2026-05-05&endDate=2026-05-05")).text();
    expect(csv).toContain(`,"'=HYPERLINK(""http://evil.test"";""x"")",`);
    expect(csv).toContain(",'@SUM(1),openai,'-2,'+1,");
    expect(csv).toContain(',"a ""quoted"", role\r\nof two lines",');
    expect(csv).toContain(",'\t=1,");
  });

  describe("of many calls", () => {
    const workspaceId = "many";
    const MANY = 5_000;
    const january = { startDate: "2026-01-01", endDate: "2026-01-31", timezone: "UTC" };
    beforeAll(async () => {
      // Calls of one moment all the same, so that a page that went on by time alone would lose or repeat some.
      await env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
         INSERT INTO execution_costs SELECT ?1, 'e' || i, 'a', 1, 1, 'w', 'v', 'g', 'r', 'openai', 'm', 'm', 1, 0, 0, 0, 1, 0, i,
           NULL, ?3 + (i / 3000), 0 FROM n`,
      )
        .bind(workspaceId, MANY, at("2026-01-15T12:00:00Z"))
        .run();
    });

    test("reads page after page as it is read, each call once, and adds up to the total", async () => {
      const ctx = ctxOf({ workspaceId, userId: null });
      const text = await new Response((await exportLedger(ctx, january)).body).text();
      const costs = text
        .trim()
        .split("\r\n")
        .slice(1)
        .map((line) => Number(line.split(",").at(-2)));
      expect(new Set(costs).size).toBe(MANY);
      expect(costs.reduce((sum, cost) => sum + cost, 0)).toBe((await readCosts(ctx, january)).totalCostNanoUsd);
    });

    test("stops reading when the client goes away", async () => {
      const ctx = ctxOf({ workspaceId, userId: null });
      const { body } = await exportLedger(ctx, january);
      const before = ctx.db.usage.queries;
      const reader = body.getReader();
      await reader.read();
      await reader.cancel();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(ctx.db.usage.queries - before).toBe(1);
    });

    test("is cut off, and says why in the log, when the database fails on the way", async () => {
      const logged: string[] = [];
      const ctx = ctxOf(
        { workspaceId, userId: null },
        { log: { log: (_, component, text) => logged.push(`${component}: ${text}`) } },
      );
      const { body } = await exportLedger(ctx, january);
      const reader = body.getReader();
      await reader.read();
      ctx.db.d1 = new Proxy(ctx.db.d1, {
        get() {
          throw new Error("D1 is gone");
        },
      });
      await expect(reader.read()).rejects.toThrow("D1 is gone");
      expect(logged).toEqual(["CostTracker: D1 is gone"]);
    });

    test("is refused when there are more than a file holds", async () => {
      await env.DB.prepare("UPDATE cost_rollups SET calls = 1500001 WHERE workspace_id = ?").bind(workspaceId).run();
      await expect(exportLedger(ctxOf({ workspaceId, userId: null }), january)).rejects.toThrow("1500000");
    });
  });
});

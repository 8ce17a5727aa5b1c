import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { openLog } from "../../src/core/log.ts";
import { openDb } from "../../src/db/client.ts";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { findRelevant, insertEntries, newEntry } from "../../src/knowledge/index.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, type TestEngine, testEngine } from "../worker/engine.ts";
import { knowing } from "../worker/knowledge.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { runOnce } from "../worker/run-once.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM knowledge").run();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const { listed, contents, write } = knowing(() => account);

type Relevant = Parameters<typeof findRelevant>[1];
const relevant = async (text: string, over: Partial<Relevant> = {}) => {
  const wanted = { workspaceId: account.workspaceId, agentRole: "support", text, ...over };
  return (await findRelevant({ db: openDb(env.DB), log: openLog({ requestId: "test" }) }, wanted)).map(
    ({ content }) => content,
  );
};

describe("what is relevant", () => {
  test("is of the agent's role and workspace, best match first, then the surest of what people wrote", async () => {
    await write({ content: "Shipping takes two days.", category: "shipping" });
    await write({ content: "Refunds of vouchers are vouchers.", category: "vouchers" });
    await write({ content: "Be polite.", category: "tone", confidence: 99 });
    await write({ content: "Vouchers refunds", agentRole: "writer" });
    await write({ content: "A stranger's vouchers refunds" }, await signUp());
    expect(await relevant("How are refunds of vouchers paid?")).toEqual([
      "Refunds of vouchers are vouchers.",
      "Be polite.",
      "Shipping takes two days.",
    ]);
    expect(await relevant("vouchers", { agentRole: " Writer " })).toEqual(["Vouchers refunds"]);
    expect(await relevant("???")).toHaveLength(3);
  });

  test("weighs how well an entry fits with how sure it is, and never gives what has no confidence", async () => {
    // The newer one comes first among equals.
    await write({ content: "refund two", confidence: 95 });
    await write({ content: "refund one", confidence: 10 });
    await write({ content: "refund no", confidence: 0 });
    await write({ content: "polite no", confidence: 0, category: "tone" });
    expect(await relevant("refund")).toEqual(["refund two", "refund one"]);
  });

  test("of what agents learned is only what shares a word with the task", async () => {
    const common = { agentRole: "support", category: "c", confidence: 100, source: "agent", createdAt: 1 } as const;
    const entries = [
      await newEntry({ ...common, id: "1", content: "learned refund" }),
      await newEntry({ ...common, id: "2", content: "learned something" }),
    ];
    await insertEntries(openDb(env.DB), account.workspaceId, entries).run();
    expect(await relevant("refund")).toEqual(["learned refund"]);
  });
});

const logsSchema = z.array(
  z.object({ level: z.string(), message: z.string(), data: z.record(z.string(), z.unknown()).nullable() }),
);
async function logOf(executionId: string) {
  const { body: page } = await account.send<{ items: unknown }>("GET", `/api/executions/${executionId}/logs`);
  return logsSchema.parse(page.items);
}

const read = (engine: TestEngine, executionId: string) => getExecution(ctxWith(account, engine), engine, executionId);
const block = (...facts: object[]) =>
  ["```swarm-knowledge", ...facts.map((fact) => JSON.stringify(fact)), "```"].join("\n");
const fact = (content: string) => ({ category: "learned", content, confidence: 70 });

describe("an agent that uses knowledge", () => {
  test("gets what is relevant before its prompt, and the log names the entries without their contents", async () => {
    const { id } = await write({ agentRole: "Tester", content: "go means start at once" });
    await write({ agentRole: "writer", content: "go is a game" });
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const options = { agents: { a: { useKnowledge: true, prompt: "Do {{input}}." } } };
    const { executionId } = await runOnce(account, testEngine(), ["a"], options);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.prompt).toMatch(
      /^<reference_knowledge>[\s\S]*go means start at once[\s\S]*<\/reference_knowledge>\n\nDo go\.$/,
    );
    expect(calls[0]?.prompt).not.toContain("game");
    const log = await logOf(executionId);
    expect(log).toContainEqual({ level: "info", message: "A was given 1 knowledge entry", data: { entries: [id] } });
    expect(JSON.stringify(log)).not.toContain("at once");
  });

  test("asks the database once more than one that does not, and gets its prompt as it is when nothing is known", async () => {
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const trips = async (agent: object) => {
      const engine = testEngine();
      const workflowId = await createWorkflow(account, ["a"], { agents: { a: { prompt: "Do it.", ...agent } } });
      const trigger = { type: "manual", id: null } as const;
      await startExecution(ctxWith(account, engine), engine, { workflowId, input: null, trigger });
      const counted = vi.spyOn(env.DB, "prepare");
      await engine.drain();
      const asked = counted.mock.calls.filter(([sql]) => sql.includes("knowledge")).length;
      counted.mockRestore();
      return asked;
    };
    expect(await trips({})).toBe(0);
    expect(await trips({ learnKnowledge: true })).toBe(0);
    expect(await trips({ useKnowledge: true })).toBe(1);
    expect(calls.map(({ prompt }) => prompt)).toEqual(["Do it.", "Do it.", "Do it."]);
  });
});

describe("without the full-text index, which an export of the database takes away", () => {
  test("an agent is given no knowledge, the log warns, and its execution succeeds", async () => {
    await write({ agentRole: "Tester", content: "go means start at once" });
    const made = await env.DB.prepare("SELECT sql FROM sqlite_schema WHERE name = 'knowledge_fts'").first("sql");
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const engine = testEngine();
    const options = { agents: { a: { useKnowledge: true, prompt: "Do {{input}}." } } };
    await env.DB.prepare("DROP TABLE knowledge_fts").run();
    let executionId = "";
    try {
      ({ executionId } = await runOnce(account, engine, ["a"], options));
      expect((await read(engine, executionId)).status).toBe("succeeded");
    } finally {
      await env.DB.prepare(z.string().parse(made)).run();
      await env.DB.prepare("INSERT INTO knowledge_fts (knowledge_fts) VALUES ('rebuild')").run();
    }
    expect(calls.map(({ prompt }) => prompt)).toEqual(["Do go."]);
    expect(JSON.parse(String(warned.mock.lastCall?.[0]))).toMatchObject({
      ...{ message: expect.stringContaining("full-text index"), executionId, nodeId: "a", requestId: "test" },
    });
    expect(await relevant("go", { agentRole: "Tester" })).toEqual(["go means start at once"]);
  });
});

describe("an agent that learns", () => {
  const learning = { agents: { a: { learnKnowledge: true } } };

  test("is told how, and what it offers is written with its source and is not part of its output", async () => {
    const calls = answerAsOpenAi(() => ({
      text: `The answer.\n\n${block(fact("Water is wet."), fact("Fire is hot."))}`,
    }));
    const engine = testEngine();
    const { executionId } = await runOnce(account, engine, ["a>b"], learning);
    expect(calls[0]?.system).toMatch(/^You are a\.\n\nWhen your work[\s\S]*swarm-knowledge/);
    expect(calls[1]).toMatchObject({ system: "You are b.", prompt: "The answer." });
    expect((await read(engine, executionId)).steps[0]?.output).toBe("The answer.");
    const { items } = await listed();
    expect(items.map(({ content }) => content).toSorted()).toEqual(["Fire is hot.", "Water is wet."]);
    const origin = { source: "agent", executionId, nodeId: "a", agentRole: "tester", confidence: 70 };
    expect(items).toMatchObject([origin, origin]);
    const log = await logOf(executionId);
    expect(log.map(({ message }) => message)).toContain("A offered 2 facts to the workspace's knowledge");
    expect(JSON.stringify(log)).not.toContain("wet");
  });

  test("only where it may: another's block is part of its answer", async () => {
    const answer = block(fact("Water is wet."));
    const calls = answerAsOpenAi(() => ({ text: answer }));
    const engine = testEngine();
    const { executionId } = await runOnce(account, engine, ["a"], {});
    expect(calls[0]?.system).toBe("You are a.");
    expect((await read(engine, executionId)).steps[0]?.output).toBe(answer);
    expect((await listed()).items).toEqual([]);
  });

  test("never fails for what is wrong with its block, which the log tells", async () => {
    answerAsOpenAi(() => ({ text: `Done.\n${block(fact("Kept"), { category: "x" })}` }));
    const engine = testEngine();
    const { executionId } = await runOnce(account, engine, ["a"], learning);
    expect(await read(engine, executionId)).toMatchObject({ status: "succeeded", output: "Done." });
    expect(await contents()).toEqual(["Kept"]);
    const [line] = (await logOf(executionId)).filter(({ level }) => level === "warn");
    expect(line).toMatchObject({ message: expect.stringContaining("line 2: takes category"), data: { faults: 1 } });
  });

  test("learns once from a message that is delivered twice at once and again later, and what is known stays", async () => {
    await write({ agentRole: "tester", category: "learned", content: "Known", confidence: 100 });
    answerAsOpenAi(() => ({ text: block(fact("Known"), fact("New"), fact("New")) }));
    const engine = testEngine();
    const workflowId = await createWorkflow(account, ["a"], learning);
    const trigger = { type: "manual", id: null } as const;
    await startExecution(ctxWith(account, engine), engine, { workflowId, input: null, trigger });
    const [sent] = engine.sent;
    if (!sent) throw new Error("nothing was sent");
    await Promise.all([engine.deliver(sent.message), engine.deliver(sent.message)]);
    await engine.deliver(sent.message);
    expect((await listed()).items).toMatchObject([
      { content: "New", source: "agent" },
      { content: "Known", source: "person", confidence: 100 },
    ]);
  });

  test("takes nothing from a step that was taken away while its model answered", async () => {
    const engine = testEngine();
    answerAsOpenAi(async () => {
      await env.DB.prepare("UPDATE executions SET status = 'cancelled' WHERE workspace_id = ?")
        .bind(account.workspaceId)
        .run();
      return { text: block(fact("Too late")) };
    });
    await runOnce(account, engine, ["a"], learning);
    expect((await listed()).items).toEqual([]);
  });

  test("learns once when the batch that ends its step took effect and its answer was lost", async () => {
    answerAsOpenAi(() => ({ text: `ok\n${block(fact("New"))}` }));
    const engine = testEngine();
    const workflowId = await createWorkflow(account, ["a"], learning);
    const trigger = { type: "manual", id: null } as const;
    const ctx = ctxWith(account, engine);
    const { executionId } = await startExecution(ctx, engine, { workflowId, input: null, trigger });
    const batch = env.DB.batch.bind(env.DB);
    let ends = 0;
    vi.spyOn(env.DB, "batch").mockImplementation(async (statements) => {
      const results = await batch<never>(statements);
      ends += 1;
      // The second batch of the invocation: the claim comes first.
      if (ends === 2) throw new Error("Network connection lost");
      return results;
    });
    await engine.drain();
    vi.mocked(env.DB.batch).mockRestore();
    expect(await contents()).toEqual(["New"]);
    expect((await read(engine, executionId)).status).toBe("succeeded");
  });
});

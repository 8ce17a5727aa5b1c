import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { openDb } from "../../src/db/client.ts";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { entriesOfRoles, findRelevant, insertEntries, MAX_ENTRIES, newEntry } from "../../src/knowledge/index.ts";
import type { KnowledgeView } from "../../src/knowledge/inputs.ts";
import { type Account, ctxOf, joinAs, signUp } from "../worker/accounts.ts";
import { ctxWith, type TestEngine, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { runOnce } from "../worker/run-once.ts";
import { createWorkflow } from "../worker/workflows.ts";

interface Listed {
  items: KnowledgeView[];
  nextCursor: string | null;
}
interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

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

const body = (over: object = {}) => ({
  agentRole: "support",
  category: "refunds",
  content: "A refund is paid within 14 days.",
  confidence: 90,
  ...over,
});

async function write(over: object = {}, who: Account = account): Promise<KnowledgeView> {
  const { status, body: made } = await who.send<KnowledgeView>("POST", "/api/knowledge", body(over));
  if (status !== 201) throw new Error(`writing knowledge answered ${status}: ${JSON.stringify(made)}`);
  return made;
}

async function listed(query = "", who: Account = account): Promise<Listed> {
  const { status, body: page } = await who.send<Listed>("GET", `/api/knowledge${query}`);
  expect(status).toBe(200);
  return page;
}

const contents = async (query = "") => (await listed(query)).items.map(({ content }) => content);
const found = (q: string) => contents(`?q=${encodeURIComponent(q)}`);

describe("the entries of a workspace", () => {
  test("are written, listed newest first, changed and removed", async () => {
    const first = await write({ context: "EU" });
    expect(first).toMatchObject({ ...body(), context: "EU", source: "person", executionId: null, nodeId: null });
    expect(first.createdAt).toMatch(/^\d{4}-.*Z$/);
    const second = await write({ content: "Second", confidence: 12.5 });
    expect((await listed()).items).toEqual([second, first]);

    const path = `/api/knowledge/${first.id}`;
    const { status, body: changed } = await account.send("PUT", path, { ...first, confidence: 40, context: null });
    expect(status).toBe(200);
    expect(changed).toEqual({ ...first, confidence: 40, context: null, updatedAt: expect.any(String) });

    expect((await account.send("DELETE", path)).status).toBe(204);
    expect((await listed()).items).toEqual([second]);
    expect((await account.send<Refusal>("DELETE", path)).body.error.code).toBe("knowledge_not_found");
    expect((await account.send<Refusal>("PUT", path, {})).body.error.code).toBe("knowledge_not_found");
  });

  test("are filtered by role and category without regard to case, and paged", async () => {
    for (const n of [1, 2, 3]) await write({ content: `refund ${n}` });
    await write({ agentRole: "writer" });
    await write({ category: "tone" });
    expect((await listed("?agentRole=WRITER")).items).toMatchObject([{ agentRole: "writer" }]);
    expect((await listed("?category=Tone")).items).toMatchObject([{ category: "tone" }]);
    const filter = "agentRole=Support&category=refunds";
    const page = await listed(`?limit=2&${filter}`);
    expect(page.items.map(({ content }) => content)).toEqual(["refund 3", "refund 2"]);
    const rest = await listed(`?limit=2&${filter}&cursor=${page.nextCursor}`);
    expect(rest).toMatchObject({ items: [{ content: "refund 1" }], nextCursor: null });
  });

  test("are found by words, whatever their accents and endings, after every kind of change", async () => {
    const { id } = await write({ content: "Die Größe des Cafés zählt.", context: "Zürich", category: "Maße" });
    await write({ content: "Other" });
    const text = "Die Größe des Cafés zählt.";
    for (const q of [
      "cafe",
      "GRÖSSE cafe".replace("GRÖSSE", "größe"),
      "zuric",
      "masse".replace("ss", "ß"),
      "zählt die",
    ]) {
      expect([q, await found(q)]).toEqual([q, [text]]);
    }
    expect(await found("cafe missing")).toEqual([]);
    await account.send("PUT", `/api/knowledge/${id}`, { content: "Something else" });
    expect(await found("cafe")).toEqual([]);
    expect(await found("something")).toEqual(["Something else"]);
    await account.send("DELETE", `/api/knowledge/${id}`);
    expect(await found("something")).toEqual([]);
  });

  test.each([
    '"',
    "refund OR other",
    "NEAR(a b)",
    "content:refund",
    "refund*",
    "-refund",
    "{content}:x",
    "'; --",
    "😀",
    "\u0000",
  ])("a search for %j is words and never syntax", async (q) => {
    await write();
    expect((await account.send("GET", `/api/knowledge?q=${encodeURIComponent(q)}`)).status).toBe(200);
  });

  test("know the same content once for a role and category", async () => {
    const { id } = await write();
    const again = body({ content: " A refund is paid\n within 14 days. ", agentRole: "Support", confidence: 1 });
    const { status, body: refused } = await account.send<Refusal>("POST", "/api/knowledge", again);
    expect(status).toBe(409);
    expect(refused.error).toMatchObject({
      code: "knowledge_exists",
      details: [{ message: expect.stringContaining(id) }],
    });
    const other = await write({ category: "money" });
    const moved = await account.send<Refusal>("PUT", `/api/knowledge/${other.id}`, { category: "refunds" });
    expect(moved.body.error).toMatchObject({ code: "knowledge_exists", message: expect.stringContaining(id) });
    expect((await listed()).items).toHaveLength(2);
  });

  test.each([
    ["content", { content: " \u0000 " }],
    ["content", { content: "x".repeat(20_001) }],
    ["agentRole", { agentRole: "" }],
    ["category", { category: "x".repeat(101) }],
    ["confidence", { confidence: 101 }],
    ["nonsense", { nonsense: 1 }],
  ])("refuse a wrong %s", async (path, over) => {
    const { status, body: refused } = await account.send<Refusal>("POST", "/api/knowledge", body(over));
    expect([status, refused.error.details.map((each) => each.path)]).toEqual([422, [path]]);
  });

  test("are read by viewers, written by editors, and another workspace's to nobody", async () => {
    const { id } = await write();
    const viewer = await joinAs(account, "viewer");
    expect((await listed("", viewer)).items).toHaveLength(1);
    for (const [method, path] of [
      ["POST", ""],
      ["PUT", `/${id}`],
      ["DELETE", `/${id}`],
    ] as const) {
      expect((await viewer.send(method, `/api/knowledge${path}`, {})).status).toBe(403);
    }
    const editor = await joinAs(account, "editor");
    expect((await editor.send("PUT", `/api/knowledge/${id}`, { confidence: 5 })).status).toBe(200);

    const stranger = await signUp();
    expect((await listed("", stranger)).items).toEqual([]);
    expect((await listed("?q=refund", stranger)).items).toEqual([]);
    expect((await stranger.send("PUT", `/api/knowledge/${id}`, { content: "mine" })).status).toBe(404);
    expect((await stranger.send("DELETE", `/api/knowledge/${id}`)).status).toBe(404);
    expect(await contents()).toEqual(["A refund is paid within 14 days."]);
  });

  test("are bounded in number", async () => {
    const ctx = ctxOf(account);
    const common = { agentRole: "r", category: "c", confidence: 1, source: "import", createdAt: 1 } as const;
    const template = await newEntry({ ...common, id: "x", content: "x" });
    const many = Array.from({ length: MAX_ENTRIES + 5 }, (_, n) => ({
      ...template,
      id: ctx.ids.next(),
      content: `entry ${n}`,
      contentHash: `hash ${n}`,
    }));
    expect((await insertEntries(ctx.db, account.workspaceId, many).run()).results).toHaveLength(MAX_ENTRIES);
    expect((await account.send<Refusal>("POST", "/api/knowledge", body())).body.error.code).toBe("knowledge_full");
    await write({}, await signUp());
  });

  test("are exported by the roles of agents, oldest first", async () => {
    await write({ content: "1" });
    await write({ content: "2", agentRole: "SUPPORT" });
    await write({ content: "3", agentRole: "writer" });
    const ctx = ctxOf(account);
    const all = await entriesOfRoles(ctx, ["support ", "nobody"], 10);
    expect(all.map(({ content }) => content)).toEqual(["1", "2"]);
    expect(await entriesOfRoles(ctx, ["support"], 10, all[0]?.id)).toMatchObject([{ content: "2" }]);
    expect(await entriesOfRoles(ctxOf(await signUp()), ["support"], 10)).toEqual([]);
  });
});

describe("the full-text index", () => {
  /** The statements that the migration says to run again after an export. */
  function again(): string[] {
    const queries = env.TEST_MIGRATIONS.find(({ name }) => name.startsWith("0019"))?.queries ?? [];
    const start = queries.findIndex((query) => query.includes("CREATE VIRTUAL TABLE"));
    return queries.slice(start);
  }

  test("can be dropped for an export of the database, made again and rebuilt", async () => {
    await write();
    for (const trigger of ["added", "removed", "changed"]) await env.DB.exec(`DROP TRIGGER knowledge_${trigger}`);
    await env.DB.exec("DROP TABLE knowledge_fts");
    await write({ content: "Written meanwhile" });
    expect(again()).toHaveLength(4);
    for (const sql of again()) await env.DB.prepare(sql).run();
    await env.DB.prepare("INSERT INTO knowledge_fts (knowledge_fts) VALUES ('rebuild')").run();
    expect(await found("meanwhile")).toEqual(["Written meanwhile"]);
    expect(await found("paid")).toHaveLength(1);
    await write({ content: "Written later" });
    expect(await found("later")).toHaveLength(1);
  });

  test("agrees with the entries after they were written, changed, moved and removed", async () => {
    const { id } = await write();
    await write({ content: "Two" });
    await account.send("PUT", `/api/knowledge/${id}`, { content: "Three", confidence: 3 });
    await env.DB.prepare("UPDATE knowledge SET workspace_id = 'w-2' WHERE id = ?").bind(id).run();
    expect(await found("three")).toEqual([]);
    await env.DB.prepare("DELETE FROM knowledge WHERE content = 'Two'").run();
    // Raises when index and content differ.
    await env.DB.prepare("INSERT INTO knowledge_fts (knowledge_fts, rank) VALUES ('integrity-check', 1)").run();
  });
});

type Relevant = Parameters<typeof findRelevant>[1];
const relevant = async (text: string, over: Partial<Relevant> = {}) => {
  const wanted = { workspaceId: account.workspaceId, agentRole: "support", text, ...over };
  return (await findRelevant(openDb(env.DB), wanted)).map(({ content }) => content);
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

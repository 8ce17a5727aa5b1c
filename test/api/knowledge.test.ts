import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { entriesOfRoles, insertEntries, MAX_ENTRIES, newEntry } from "../../src/knowledge/index.ts";
import { type Account, ctxOf, joinAs, signUp } from "../worker/accounts.ts";
import { body, knowing } from "../worker/knowledge.ts";

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

const { listed, contents, found, write } = knowing(() => account);

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

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { openLog } from "../../src/core/log.ts";
import { type BreakerKey, openBreakers } from "../../src/providers/index.ts";
import type { HealthView, ProviderView } from "../../src/providers/inputs.ts";
import { type Account, joinAs, nobody, signUp } from "../worker/accounts.ts";
import { KEY, put, type Refusal, removeAll, spoil } from "../worker/credentials.ts";
import { watch } from "../worker/live.ts";

interface List<Item> {
  items: Item[];
  nextCursor: string | null;
}

let owner: Account;
let viewer: Account;
let editor: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
  stranger = await signUp("Sven");
  viewer = await joinAs(owner, "viewer");
  editor = await joinAs(owner, "editor");
});
afterEach(async () => {
  await removeAll(owner);
  await breakers.reset(openAiOf(owner));
});

const get = <Body>(who: Account, path: string) => who.send<Body>("GET", path);

/** The installation's key of OpenAI is set for all tests; these two are the workspace's own. */
async function storeOthers(): Promise<void> {
  await put(owner, { apiKey: KEY }, "anthropic");
  await put(owner, { apiKey: KEY }, "gemini");
}

const breakers = openBreakers(env.CIRCUIT_BREAKER, {
  clock: systemClock,
  log: openLog({ requestId: "test" }),
  waitUntil: () => undefined,
});

function openAiOf({ workspaceId }: Account): BreakerKey {
  return { workspaceId, provider: "openai", credential: "environment" };
}

/** Reports failures of OpenAI, as many as it takes to open the breaker, or what else is asked for. */
async function failOpenAi(who: Account, errorKind: "server" | "rate_limit", times: number): Promise<void> {
  const key = openAiOf(who);
  await breakers.reset(key);
  for (let time = 0; time < times; time += 1) {
    const permit = await breakers.permit(key);
    if (!permit.allowed) throw new Error(`Not let through for failure ${time + 1}: ${permit.reason}`);
    const outcome = { result: "failure", errorKind, latencyMs: 5, model: "gpt-4.1-mini", retryAfterMs: null } as const;
    await breakers.report(key, permit, outcome);
  }
}

describe("GET /api/providers", () => {
  test("lists every provider with the models and prices that are known, and says which have a key", async () => {
    await put(owner, { apiKey: KEY }, "anthropic");
    const { status, body } = await get<List<ProviderView>>(viewer, "/api/providers");
    expect(status).toBe(200);
    expect(body.nextCursor).toBeNull();
    expect(body.items.map(({ provider, configured }) => [provider, configured])).toEqual([
      ["openai", true],
      ["anthropic", true],
      ["gemini", false],
      ["openai-compatible", false],
    ]);
    const models = body.items.flatMap((item) => item.models);
    expect(models.find(({ id }) => id === "gpt-4.1-mini")).toMatchObject({
      tier: expect.any(String),
      contextWindow: 1_000_000,
      capabilities: expect.arrayContaining(["tools"]),
      // Dollars and cents a million tokens, in micro-USD.
      price: { currency: "USD", inputTokenPrice: 400_000, cachedInputTokenPrice: 100_000, outputTokenPrice: 1_600_000 },
    });
    expect(models.find(({ id }) => id === "gpt-4")).toMatchObject({ successor: expect.any(String) });
  });

  test("one stored key that cannot be used hides neither the other providers nor their health", async () => {
    await put(owner, { apiKey: KEY }, "anthropic");
    await spoil(owner);
    const { status, body } = await get<List<ProviderView>>(owner, "/api/providers");
    expect(status).toBe(200);
    expect(body.items.map(({ configured }) => configured)).toEqual([true, false, false, false]);
    const health = await get<List<HealthView>>(owner, "/api/providers/health");
    expect(health.body.items.map(({ provider }) => provider)).toEqual(["openai"]);
  });
});

describe("health and reset", () => {
  test("health tells of configured providers only, and of this workspace's breakers only", async () => {
    await failOpenAi(owner, "server", 5);
    const { body } = await get<List<HealthView>>(viewer, "/api/providers/health");
    expect(body.items).toMatchObject([
      { provider: "openai", state: "open", failureRate: 1, requests: 5, lastError: "server", p50LatencyMs: null },
    ]);
    const openUntil = Date.parse(body.items[0]?.openUntil ?? "");
    expect(openUntil).toBeGreaterThan(Date.now() + 50_000);
    expect((await get<List<HealthView>>(stranger, "/api/providers/health")).body.items).toMatchObject([
      { provider: "openai", state: "closed", requests: 0, openUntil: null },
    ]);
  });

  test("an owner closes a breaker, and nobody else", async () => {
    await failOpenAi(owner, "server", 5);
    const reset = "/api/providers/openai/reset";
    expect((await viewer.send("POST", reset)).status).toBe(403);
    expect((await editor.send("POST", reset)).status).toBe(403);
    expect((await nobody.send("POST", reset)).status).toBe(401);
    expect((await stranger.send("POST", reset)).status).toBe(200);
    expect((await get<List<HealthView>>(owner, "/api/providers/health")).body.items[0]?.state).toBe("open");

    const watcher = await watch(owner);
    expect(await owner.send("POST", reset)).toMatchObject({
      status: 200,
      body: { provider: "openai", state: "closed", failureRate: 0, requests: 0, lastError: null, openUntil: null },
    });
    expect((await get<List<HealthView>>(owner, "/api/providers/health")).body.items[0]?.state).toBe("closed");
    await vi.waitFor(() =>
      expect(watcher.events).toMatchObject([{ type: "breaker", provider: "openai", state: "closed" }]),
    );
    watcher.socket.close();
  });

  test("a provider that has no key, or that there is not, has no breaker to close", async () => {
    expect(await owner.send<Refusal>("POST", "/api/providers/gemini/reset")).toMatchObject({
      status: 422,
      body: { error: { code: "provider_not_configured", message: expect.stringContaining("GEMINI_API_KEY") } },
    });
    expect(await owner.send<Refusal>("POST", "/api/providers/acme/reset")).toMatchObject({
      status: 422,
      body: { error: { code: "invalid_fields", details: [{ path: "provider" }] } },
    });
  });
});

test("a key that is replaced or removed leaves no breaker behind", async () => {
  const stubs = [];
  for (const apiKey of [KEY, "sk-another-0000"]) {
    await put(owner, { apiKey });
    const row = await env.DB.prepare("SELECT id FROM credentials WHERE workspace_id = ? AND provider = 'openai'")
      .bind(owner.workspaceId)
      .first<{ id: string }>();
    const key: BreakerKey = { ...openAiOf(owner), credential: row?.id ?? "" };
    const permit = await breakers.permit(key);
    if (!permit.allowed) throw new Error("A breaker that is new is closed.");
    const outcome = { result: "failure", errorKind: "server", latencyMs: 5, model: "m", retryAfterMs: null } as const;
    await breakers.report(key, permit, outcome);
    stubs.push(env.CIRCUIT_BREAKER.getByName(`${key.workspaceId}/openai/${key.credential}`));
  }
  await owner.send("DELETE", "/api/credentials/openai");
  for (const stub of stubs) {
    const stored = () => runInDurableObject(stub, (_, state) => [...state.storage.kv.list()].length);
    await vi.waitFor(async () => expect(await stored()).toBe(0));
  }
});

describe("POST /api/route/explain", () => {
  const AGENT = { provider: "openai", model: "gpt-4.1-mini" };

  async function explain(agent: object, who = viewer) {
    const { status, body } = await who.send<{
      targets: { provider: string; model: string; eligible: boolean; reason: string }[];
    }>("POST", "/api/route/explain", { agent });
    expect(status, JSON.stringify(body)).toBe(200);
    return body.targets;
  }
  const orderOf = async (agent: object) =>
    (await explain(agent)).map(({ provider, eligible }) => `${provider}${eligible ? "" : "!"}`);

  test("without a word on fallback the other two of the three providers follow, where a key is set", async () => {
    expect(await orderOf(AGENT)).toEqual(["openai", "anthropic!", "gemini!"]);
    await storeOthers();
    expect(await explain(AGENT)).toEqual([
      { ...AGENT, eligible: true, reason: "the agent's own model" },
      ...["anthropic", "gemini"].map((provider) => ({
        provider,
        model: expect.any(String),
        eligible: true,
        reason: "the counterpart of the agent's model",
      })),
    ]);
    expect(await orderOf({ ...AGENT, fallback: { enabled: false } })).toEqual(["openai"]);
  });

  test("cheapest tells what a call would cost, and sorts by it", async () => {
    await storeOthers();
    const targets = [
      { provider: "anthropic", model: "claude-opus-4-5" },
      { provider: "gemini", model: "gemini-2.5-flash-lite" },
      { provider: "anthropic", model: "no-such-model" },
    ];
    const explained = await explain({
      ...AGENT,
      prompt: "a".repeat(4_000),
      fallback: { strategy: "cheapest", targets },
    });
    expect(explained.map(({ model }) => model)).toEqual([
      "gemini-2.5-flash-lite",
      "gpt-4.1-mini",
      "claude-opus-4-5",
      "no-such-model",
    ]);
    // 1,000 tokens in at 0.40 USD a million, and the default of 1,024 out at 1.60.
    expect(explained[1]?.reason).toContain("about 2038400 nano-USD");
    expect(explained[3]?.reason).toContain("price is not known");
  });

  test("fastest sorts by what was measured, and what was not comes last", async () => {
    await storeOthers();
    const row = await env.DB.prepare("SELECT id FROM credentials WHERE workspace_id = ? AND provider = 'gemini'")
      .bind(owner.workspaceId)
      .first<{ id: string }>();
    const key: BreakerKey = { workspaceId: owner.workspaceId, provider: "gemini", credential: row?.id ?? "" };
    const outcome = {
      result: "success",
      errorKind: null,
      latencyMs: 120,
      model: "gemini-3.5-flash-lite",
      retryAfterMs: null,
    };
    const permit = await breakers.permit(key);
    if (!permit.allowed) throw new Error("A breaker that is new is closed.");
    await breakers.report(key, { ...permit, probe: true }, { ...outcome, result: "success" });

    const targets = [{ provider: "anthropic" }, { provider: "gemini", model: "gemini-3.5-flash-lite" }];
    for (let time = 0; time < 10; time += 1) {
      const explained = await explain({ ...AGENT, fallback: { strategy: "fastest", targets } });
      // Each explanation draws anew which of those that were not measured go first, to be measured.
      const drawn = explained.filter(({ reason }) => reason.includes("drawn to be measured"));
      const others = explained.filter(({ reason }) => reason.includes("not measured yet"));
      expect(drawn.length + others.length).toBe(2);
      expect(explained.slice(drawn.length, -others.length || undefined)).toMatchObject([
        { provider: "gemini", reason: expect.stringContaining("answers in 120 ms") },
      ]);
    }
  });

  test("balanced draws by weight: none is never first, and the weights are told", async () => {
    await storeOthers();
    const targets = [
      { provider: "openai", weight: 0 },
      { provider: "anthropic", weight: 3 },
      { provider: "gemini", weight: 1 },
    ];
    const drawn = await Promise.all(
      Array.from({ length: 20 }, () => explain({ ...AGENT, fallback: { strategy: "balanced", targets } })),
    );
    const firsts = new Set(drawn.map(([first]) => first?.provider));
    expect(firsts).not.toContain("openai");
    // That one of three to one is never drawn in twenty happens once in 300 runs; that neither is, never.
    expect(firsts.size).toBeGreaterThan(0);
    expect(drawn[0]?.find(({ provider }) => provider === "anthropic")?.reason).toContain("weight 3");
  });

  test("a target that lacks what the agent requires, or whose window is too small, says so", async () => {
    await storeOthers();
    const long = { ...AGENT, prompt: "a".repeat(60_000), systemPrompt: "b".repeat(60_000), maxTokens: 180_000 };
    const targets = [{ provider: "anthropic", model: "claude-haiku-4-5" }, { provider: "gemini" }];
    const explained = await explain({ ...long, fallback: { targets } });
    expect(explained.at(-1)).toMatchObject({ provider: "anthropic", eligible: false });
    expect(explained.at(-1)?.reason).toContain("window of 200000 tokens is too small");
  });

  test("an open breaker is told with its time, and one that cools down too", async () => {
    await storeOthers();
    await failOpenAi(owner, "server", 5);
    expect(await explain(AGENT)).toMatchObject([
      { provider: "openai", eligible: false, reason: expect.stringMatching(/breaker is open until \d{4}-.*Z$/) },
      { provider: "anthropic", eligible: true },
      { provider: "gemini", eligible: true },
    ]);
    await failOpenAi(owner, "rate_limit", 1);
    expect((await explain(AGENT))[0]).toMatchObject({
      eligible: false,
      reason: expect.stringMatching(/asked to be left alone until \d{4}-.*Z$/),
    });
  });

  test("when every target is closed off, the one that an execution waits for says so", async () => {
    await failOpenAi(owner, "server", 5);
    const alone = { ...AGENT, fallback: { enabled: false } };
    expect(await explain(alone)).toMatchObject([
      { eligible: false, reason: expect.stringMatching(/open until .*Z; no other target is open: an execution waits/) },
    ]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    try {
      expect(await explain(alone)).toMatchObject([
        { eligible: true, reason: expect.stringContaining("lets one call") },
      ]);
      await breakers.permit(openAiOf(owner));
      expect(await explain(alone)).toMatchObject([
        { eligible: false, reason: expect.stringContaining("a call is under way to see whether it is back") },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a named model that was shut down is replaced by its successor, and a missing counterpart is asked for", async () => {
    await storeOthers();
    const own = { provider: "anthropic", model: "my-own-model" };
    const explained = await explain({
      ...own,
      fallback: { targets: [{ provider: "openai", model: "gpt-4" }, { provider: "gemini" }] },
    });
    expect(explained).toMatchObject([
      { ...own, eligible: true },
      {
        provider: "openai",
        model: expect.not.stringMatching(/^gpt-4$/),
        eligible: true,
        reason: expect.stringContaining("the successor of gpt-4"),
      },
      { provider: "gemini", eligible: false, reason: expect.stringContaining("name a model") },
    ]);
  });

  test("a key of the agent's own that cannot be used passes it over for the next, with the reason", async () => {
    await put(owner, { apiKey: KEY }, "anthropic");
    await put(owner, { apiKey: KEY });
    await spoil(owner);
    const fallback = { targets: [{ provider: "anthropic" }] };
    const [first, own] = await explain({ ...AGENT, fallback });
    // All keys of the workspace are spoilt, so that both say it.
    for (const target of [first, own]) {
      expect(target).toMatchObject({ eligible: false, reason: expect.stringContaining("ENCRYPTION_KEY_PREVIOUS") });
    }
  });

  test("a provider that there is not is named as such, wherever it stands", async () => {
    const acme = { provider: "acme", model: "m-1" };
    expect(await explain(acme)).toEqual([
      { ...acme, eligible: false, reason: expect.stringContaining("choose one of openai, anthropic") },
    ]);
    const explained = await explain({ ...AGENT, fallback: { targets: [{ provider: "acme" }] } });
    expect(explained.at(-1)).toMatchObject({ provider: "acme", model: AGENT.model, eligible: false });
    expect(explained[0]).toMatchObject({ provider: "openai", eligible: true });
  });

  test("a whole agent may be sent, as a workflow holds it", async () => {
    const whole = { ...AGENT, id: "a", nodeId: "n", name: "A", role: "r", temperature: 0, maxTokens: 100 };
    const on = { error: true, rateLimit: true, timeout: true, statusCodes: [] };
    const fallback = { enabled: true, strategy: "ordered", targets: [], on, retries: 1, deadlineMs: 1_000 };
    expect(await orderOf({ ...whole, fallback })).toEqual(["openai", "anthropic!", "gemini!"]);
  });

  test.each([
    ["no agent", {}, "agent"],
    ["no model", { agent: { provider: "openai" } }, "agent.model"],
    ["an unknown strategy", { agent: { ...AGENT, fallback: { strategy: "luckiest" } } }, "agent.fallback.strategy"],
    [
      "a negative weight",
      { agent: { ...AGENT, fallback: { targets: [{ provider: "gemini", weight: -1 }] } } },
      "agent.fallback.targets[0].weight",
    ],
    ["an unknown field beside the agent", { agent: AGENT, prompt: "hi" }, "prompt"],
  ])("%s is refused with its path", async (_what, body, path) => {
    expect(await viewer.send<Refusal>("POST", "/api/route/explain", body)).toMatchObject({
      status: 422,
      body: { error: { code: "invalid_fields", details: [{ path }] } },
    });
  });

  test("nobody without an account is told anything", async () => {
    expect((await nobody.send("POST", "/api/route/explain", { agent: AGENT })).status).toBe(401);
    for (const path of ["/api/providers", "/api/providers/health", "/api/fallback-events"]) {
      expect((await nobody.send("GET", path)).status).toBe(401);
    }
  });
});

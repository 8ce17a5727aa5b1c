import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { PriceRow } from "../../src/costs/pricing-inputs.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { type Problem, pricesOf } from "../worker/pricing.ts";

let owner: Account;
const { list, price, put } = pricesOf(() => owner);
beforeAll(async () => {
  // The installation's owner: whoever signs up later is somebody else.
  await signUp();
});
beforeEach(async () => {
  owner = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("GET /api/pricing", () => {
  test("knows the prices that the product was published with, and says that they are the catalogue's", async () => {
    const published = [
      ["openai", "gpt-4", 30, 60],
      ["openai", "gpt-4-turbo", 10, 30],
      ["openai", "gpt-3.5-turbo", 0.5, 1.5],
      ["anthropic", "claude-3-opus", 15, 75],
      ["anthropic", "claude-3-5-sonnet", 3, 15],
      ["anthropic", "claude-3-haiku", 0.25, 1.25],
      ["gemini", "gemini-1.5-pro", 1.25, 5],
      ["gemini", "gemini-1.5-flash", 0.07, 0.3],
    ] as const;
    for (const [provider, model, input, output] of published) {
      const { items } = await list(`provider=${provider}&model=${model}`);
      expect(items).toMatchObject([
        {
          id: null,
          source: "catalogue",
          provider,
          model,
          currency: "USD",
          effectiveDate: "1970-01-01T00:00:00.000Z",
          inputTokenPrice: Math.round(input * 1e6),
          outputTokenPrice: Math.round(output * 1e6),
        },
      ]);
    }
  });

  test("shows a model's history, the newest first, also when it is asked for by a dated name", async () => {
    const { items } = await list("model=o3-2025-04-16");
    expect(
      items.map(({ model, effectiveDate, inputTokenPrice }) => [model, effectiveDate.slice(0, 10), inputTokenPrice]),
    ).toEqual([
      ["o3", "2025-06-10", 2_000_000],
      ["o3", "1970-01-01", 10_000_000],
    ]);
  });

  test("gives all of them in pages that hold each once, the workspace's own first", async () => {
    for (const n of [1, 2, 3]) await price("gpt-of-ours", [n, n]);
    const seen: PriceRow[] = [];
    let cursor = "";
    for (let pages = 0; pages < 400; pages += 1) {
      const page = await list(`limit=2${cursor}`);
      seen.push(...page.items);
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen.slice(0, 3).map(({ source, inputTokenPrice }) => [source, inputTokenPrice])).toEqual([
      ["workspace", 3_000_000],
      ["workspace", 2_000_000],
      ["workspace", 1_000_000],
    ]);
    const whole = [...(await list("limit=200")).items];
    expect(seen).toEqual(whole);
    expect(new Set(seen.map((row) => `${row.provider} ${row.model} ${row.effectiveDate} ${row.id}`)).size).toBe(
      seen.length,
    );
    expect(seen.length).toBeGreaterThan(80);
  });

  test("refuses a cursor of its own making no less than a provider that there is not", async () => {
    expect((await owner.send<Problem>("GET", "/api/pricing?cursor=YWJj")).body.error.details[0]?.path).toBe("cursor");
    expect((await owner.send<Problem>("GET", "/api/pricing?provider=acme")).body.error.details[0]?.path).toBe(
      "provider",
    );
  });
});

describe("PUT /api/pricing", () => {
  const FULL = {
    provider: "openai-compatible",
    model: "llama-of-ours",
    effectiveDate: "2026-03-01",
    inputTokenPrice: 5,
    cachedInputTokenPrice: 1,
    cacheWriteTokenPrice: 6,
    cacheWrite1hTokenPrice: 7,
    outputTokenPrice: 9,
    reasoningTokenPrice: 8,
    tiers: [
      { aboveInputTokens: 1_000, inputTokenPrice: 10, outputTokenPrice: 18 },
      { aboveInputTokens: 2_000, inputTokenPrice: 20, cachedInputTokenPrice: 2, outputTokenPrice: 36 },
    ],
  };

  test("adds a row and leaves history alone; what GET gave may be sent back", async () => {
    const added = await put(FULL);
    expect(added.status).toBe(200);
    expect(added.body).toEqual({
      ...FULL,
      id: expect.any(String),
      source: "workspace",
      currency: "USD",
      effectiveDate: "2026-03-01T00:00:00.000Z",
      createdAt: expect.any(String),
    });
    const [shown] = (await list("provider=openai-compatible")).items;
    expect(shown).toEqual(added.body);
    const again = await put({ ...shown, inputTokenPrice: 4 });
    expect(again.status).toBe(200);
    expect(again.body.id).not.toBe(added.body.id);
    const { items } = await list("model=llama-of-ours");
    expect(items.map(({ inputTokenPrice }) => inputTokenPrice)).toEqual([4, 5]);
  });

  test("holds from now on where no date is given, and files a model without -latest", async () => {
    const before = Date.now();
    const { body } = await put({
      provider: "anthropic",
      model: "claude-3-5-sonnet-latest",
      inputTokenPrice: 1,
      outputTokenPrice: 2,
    });
    expect(Date.parse(body.effectiveDate)).toBeGreaterThanOrEqual(before);
    expect(body.model).toBe("claude-3-5-sonnet");
    const { items } = await list("model=claude-3-5-sonnet-20241022");
    expect(items.map(({ source }) => source)).toEqual(["workspace", "catalogue"]);
  });

  test.each([
    [{ inputTokenPrice: -1 }, "inputTokenPrice"],
    [{ outputTokenPrice: 1.5 }, "outputTokenPrice"],
    [{ outputTokenPrice: null }, "outputTokenPrice"],
    [{ inputTokenPrice: "1" }, "inputTokenPrice"],
    [{ cachedInputTokenPrice: Number.MAX_SAFE_INTEGER + 1 }, "cachedInputTokenPrice"],
    [{ reasoningTokenPrice: 1e12 + 1 }, "reasoningTokenPrice"],
    [{ effectiveDate: "2026-02-30" }, "effectiveDate"],
    [{ effectiveDate: "soon" }, "effectiveDate"],
    [{ effectiveDate: 1_700_000_000_000 }, "effectiveDate"],
    [{ currency: "EUR" }, "currency"],
    [{ provider: "acme" }, "provider"],
    [{ model: " " }, "model"],
    [{ tiers: [...FULL.tiers].reverse() }, "tiers[1].aboveInputTokens"],
    [{ tiers: [FULL.tiers[0], FULL.tiers[0]] }, "tiers[1].aboveInputTokens"],
    [{ tiers: [{ ...FULL.tiers[0], inputTokenPrice: -1 }] }, "tiers[0].inputTokenPrice"],
    [{ inputPrice: 1 }, "inputPrice"],
  ])("refuses %o and names %s", async (fault, path) => {
    const answer = await put({ ...FULL, ...fault });
    expect([answer.status, answer.body.error?.code]).toEqual([422, "invalid_fields"]);
    expect(new Set(answer.body.error.details.map((detail) => detail.path))).toEqual(new Set([path]));
    expect((await list("model=llama-of-ours")).items).toEqual([]);
  });

  test("is the owner's alone, and each workspace has its own", async () => {
    const [editor, viewer] = [await joinAs(owner, "editor"), await joinAs(owner, "viewer")];
    for (const other of [editor, viewer]) {
      expect((await put({ nothing: true }, other)).status).toBe(403);
      expect((await other.send("POST", "/api/pricing/reprice", {})).status).toBe(403);
    }
    await put(FULL);
    expect((await list("model=llama-of-ours", viewer)).items).toHaveLength(1);
    expect((await list("model=llama-of-ours", await signUp())).items).toEqual([]);
  });
});

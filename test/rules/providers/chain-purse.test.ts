import { describe, expect, test } from "vitest";
import { runChain } from "../../../src/providers/chain.ts";
import type { ChainPorts, ChainRefusal } from "../../../src/providers/chain-contract.ts";
import { type CompletionRequest, ProviderError } from "../../../src/providers/contract.ts";
import { go, policy, REQUEST, three, world } from "../../support/chain-world.ts";

describe("a purse", () => {
  const refusal = { kind: "budget", message: "too dear", reason: "limit 1, spent 1" } as const;

  const purseThat = (reserve: (model: string) => ChainRefusal | null) => ({
    reserve: async ({ model }: { model: string }) => reserve(model),
    release: () => Promise.reject(new Error("nothing was reserved")),
  });

  test("that refuses every target sends nothing, and tells the breakers nothing of the providers", async () => {
    const it = world({ a: [{ text: "yes" }], b: [{ text: "yes" }], c: [{ text: "yes" }] });
    const { ports } = it;
    const result = await go({ ...it, ports: { ...ports, purse: purseThat(() => refusal) } }, three, { retries: 3 });
    expect(result).toMatchObject({ ok: false, error: refusal, retryAt: null, untriedAt: null });
    const refused = { errorKind: "budget", reason: "limit 1, spent 1", usage: null };
    expect(result.calls).toMatchObject([{ attempt: 1, ...refused }, { attempt: 2, ...refused }, refused]);
    expect(it.called()).toEqual([]);
    expect(it.reports.map(({ outcome }) => outcome.result)).toEqual(["neutral", "neutral", "neutral"]);
  });

  test("that refuses one target lets the next be asked, unless errors do not lead there", async () => {
    const purse = purseThat((model) => (model === "a" ? refusal : null));
    const it = world({ a: [{ text: "no" }], b: [{ text: "yes" }] });
    expect(await go({ ...it, ports: { ...it.ports, purse } }, three)).toMatchObject({
      ok: true,
      target: { model: "b" },
    });
    const strict = world({ a: [{ text: "no" }], b: [{ text: "yes" }] });
    const on = { ...policy().on, error: false };
    const result = await go({ ...strict, ports: { ...strict.ports, purse } }, three, { on });
    expect(result).toMatchObject({ ok: false, error: refusal });
  });

  test("whose money is only held by others is asked again later, and nothing is written of it", async () => {
    const it = world({ a: [{ text: "yes" }], b: [{ text: "yes" }] });
    const purse = purseThat(() => ({ ...refusal, retryAt: 77_000 }));
    const result = await go({ ...it, ports: { ...it.ports, purse } }, three);
    expect(result).toMatchObject({ ok: false, error: refusal, calls: [], retryAt: null, untriedAt: 77_000 });
    expect(it.log).toEqual([]);
  });

  test("is asked before every call, with the model that is called and the number of the call", async () => {
    const it = world({ a: [{ fails: "server", httpStatus: 500 }], b: [{ text: "yes" }] });
    const asked: string[] = [];
    const purse = {
      reserve: async ({ attempt, request }: { attempt: number; request: CompletionRequest }) => {
        asked.push(`${attempt} ${request.model}`);
        return null;
      },
      release: () => Promise.reject(new Error("everything was sent")),
    };
    await go({ ...it, ports: { ...it.ports, purse } }, three, { retries: 1 });
    expect(asked).toEqual(["1 a", "2 a", "3 b"]);
  });

  test("gets back what it reserved for a call that was cancelled before it was sent", async () => {
    const it = world({ a: [{ fails: "cancelled" }] });
    const cancel = new AbortController();
    const released: number[] = [];
    const purse = {
      reserve: async () => {
        cancel.abort();
        return null;
      },
      release: async (attempt: number) => {
        released.push(attempt);
      },
    };
    await it.run(runChain({ ...it.ports, purse }, three, REQUEST, policy(), cancel.signal));
    expect(released).toEqual([1]);
  });

  test("a call that was given up and refused at last is written as free", async () => {
    const it = world({ a: [{ text: "late", afterMs: 5_000 }], b: [{ text: "quick" }] });
    const complete: ChainPorts["complete"] = async (provider, request, options) => {
      const answer = await it.ports.complete(provider, request, options);
      if (request.model !== "a") return answer;
      const facts = { httpStatus: 503, retryAfterMs: null, usage: null, model: null, latencyMs: 1 };
      throw new ProviderError("overloaded", "no", facts);
    };
    const released: number[] = [];
    const purse = {
      reserve: async () => null,
      release: async (attempt: number) => {
        released.push(attempt);
      },
    };
    await go({ ...it, ports: { ...it.ports, complete, purse } }, three, { on: { ...policy().on, latencyMs: 1_000 } });
    expect(released).toEqual([]);
    await it.run(Promise.all(it.background));
    expect(it.late).toMatchObject([{ attempt: 1, errorKind: "latency", billing: "free" }]);
    expect(released).toEqual([]);
  });
});

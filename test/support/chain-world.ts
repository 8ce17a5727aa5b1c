import { expect } from "vitest";
import type { Breakers, CallOutcome, Permit, Refusal } from "../../src/providers/breakers.ts";
import { runChain } from "../../src/providers/chain.ts";
import type { ChainCall, ChainPolicy, ChainPorts, ChainTarget } from "../../src/providers/chain-contract.ts";
import {
  type Completion,
  type CompletionRequest,
  type ErrorKind,
  ProviderError,
  type ProviderName,
} from "../../src/providers/contract.ts";

export const USAGE = {
  inputTokens: 10,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 5,
  reasoningTokens: 0,
};
export const REQUEST: CompletionRequest = {
  model: "",
  system: null,
  prompt: "hi",
  temperature: 0,
  maxTokens: 10,
  topP: null,
  stopSequences: [],
};

/** What a target does when it is called: answer, fail, or take its time. */
export type Behaviour = { afterMs?: number } & (
  | { text: string }
  | { fails: ErrorKind; retryAfterMs?: number; httpStatus?: number }
);

export function target(provider: ProviderName, model: string, over: Partial<ChainTarget> = {}): ChainTarget {
  const key = { apiKey: "k", baseUrl: null, credential: "environment" };
  return { provider, model, reason: "test", contextWindow: null, key, ...over };
}

/** A world in which each model does what the test says, in turn; the last thing it does it does for ever. */
export function world(
  behaviours: Record<string, Behaviour[]>,
  permits: Partial<Record<ProviderName, Permit | ((now: number) => Permit)>> = {},
  lent: Partial<Record<ProviderName, Permit>> = {},
) {
  let now = 1_000_000;
  const log: string[] = [];
  const reports: { provider: string; outcome: CallOutcome; generation: number }[] = [];
  const late: ChainCall[] = [];
  const written: ChainCall[] = [];
  const background: Promise<void>[] = [];
  const breakers: Breakers = {
    permit: async ({ provider }) => {
      const permit = permits[provider] ?? { allowed: true, generation: 1, probe: false };
      return typeof permit === "function" ? permit(now) : permit;
    },
    report: async ({ provider }, { generation }, outcome) => {
      reports.push({ provider, outcome, generation });
    },
    lastResort: async ({ provider }) => lent[provider] ?? closedOff(now + 60_000),
    blockedUntil: ({ provider }) => {
      const permit = permits[provider];
      return permit === undefined || typeof permit === "function" || permit.allowed ? null : permit.reopensAt;
    },
    forget: async () => undefined,
    health: () => Promise.reject(new Error("not asked here")),
    reset: async () => undefined,
  };
  const waiting: { at: number; wake: () => void }[] = [];
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      waiting.push({ at: now + ms, wake: resolve });
      signal?.addEventListener("abort", () => resolve());
    });
  const ports: ChainPorts = {
    workspaceId: "w",
    clock: { now: () => now },
    breakers,
    sleep: async (ms, signal) => {
      log.push(`sleep ${ms}`);
      await sleep(ms, signal);
    },
    background: (work) => background.push(work),
    onCall: async (call) => {
      log.push(`write ${call.attempt}`);
      written.push(call);
    },
    onLate: async (call) => {
      late.push(call);
    },
    complete: async (provider, { model }, { timeoutMs }): Promise<Completion> => {
      log.push(`${provider} ${model}`);
      const list = behaviours[model] ?? [];
      const behaviour = list.length > 1 ? list.shift() : list[0];
      if (behaviour === undefined) throw new Error(`no behaviour for ${model}`);
      expect(timeoutMs).toBeGreaterThan(0);
      if (behaviour.afterMs !== undefined) await sleep(behaviour.afterMs);
      if ("fails" in behaviour) {
        const { fails, retryAfterMs = null, httpStatus = null } = behaviour;
        throw new ProviderError(fails, fails, { httpStatus, retryAfterMs, usage: null, model: null, latencyMs: 1 });
      }
      return { text: behaviour.text, model, finishReason: "stop", usage: USAGE, latencyMs: 1 };
    },
  };
  /** Lets time pass until nothing waits. */
  const run = async <Result>(work: Promise<Result>): Promise<Result> => {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = waiting.toSorted((one, other) => one.at - other.at)[0];
      if (done || next === undefined) continue;
      now = Math.max(now, next.at);
      waiting.splice(waiting.indexOf(next), 1);
      next.wake();
    }
    return work;
  };
  const called = () => log.filter((line) => !line.startsWith("write"));
  return { ports, log, called, reports, late, written, background, run };
}

export const closedOff = (reopensAt: number): Refusal => ({
  allowed: false,
  reopensAt,
  reason: "open",
  lastResortAt: reopensAt,
});

export const policy = (over: Partial<ChainPolicy> = {}): ChainPolicy => ({
  on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
  retries: 0,
  attemptTimeoutMs: 60_000,
  deadlineAt: 1_300_000,
  waitedMs: 0,
  ...over,
});

export const go = (it: ReturnType<typeof world>, targets: ChainTarget[], over: Partial<ChainPolicy> = {}) =>
  it.run(runChain(it.ports, targets, REQUEST, policy(over), new AbortController().signal));

export const three = [target("openai", "a"), target("anthropic", "b"), target("gemini", "c")];

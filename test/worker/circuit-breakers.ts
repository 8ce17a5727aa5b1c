import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { LogFields } from "../../src/core/log.ts";
import { type BreakerKey, type BreakerNamespace, type CallOutcome, openBreakers } from "../../src/providers/index.ts";

export const MINUTE = 60_000;
export const success: CallOutcome = {
  result: "success",
  errorKind: null,
  latencyMs: 120,
  model: "m",
  retryAfterMs: null,
};
export const failure: CallOutcome = { ...success, result: "failure", errorKind: "server" };

export const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);

let keys = 0;
/** A breaker that no other test, and so no cache of this isolate, knows of. */
export function newKey(): BreakerKey {
  keys += 1;
  return { workspaceId: `w${keys}`, provider: "openai", credential: "environment" };
}

export const stubOf = (key: BreakerKey) =>
  env.CIRCUIT_BREAKER.getByName(`${key.workspaceId}/${key.provider}/${key.credential}`);

/** Breakers over the real objects, with every call of them counted, and with what they log and tell. */
export function client(namespace: BreakerNamespace = env.CIRCUIT_BREAKER) {
  const calls: string[] = [];
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const changes: string[] = [];
  const behind: Promise<unknown>[] = [];
  const counted = <Answer>(name: string, answer: Promise<Answer>) => {
    calls.push(name);
    return answer;
  };
  const breakers = openBreakers(
    {
      getByName(name) {
        const stub = namespace.getByName(name);
        return {
          permit: () => counted("permit", stub.permit()),
          lastResort: () => counted("lastResort", stub.lastResort()),
          forget: () => counted("forget", stub.forget()),
          report: (generation, outcomes) => counted(`report ${outcomes.length}`, stub.report(generation, outcomes)),
          reset: () => counted("reset", stub.reset()),
          health: () => counted("health", stub.health()),
        };
      },
    },
    {
      clock: { now: () => Date.now() },
      waitUntil: (work) => behind.push(work),
      log: { log: (_level, _component, message, fields) => logged.push({ message, fields }) },
      onChange: (key, state) => changes.push(`${key.workspaceId} ${state}`),
    },
  );
  return { ...breakers, calls, logged, changes, settled: () => Promise.all(behind) };
}

export const never = new Promise<never>(() => undefined);
/** A stub that never answers. */
export const idle = {
  permit: () => never,
  lastResort: () => never,
  report: () => never,
  reset: () => never,
  health: () => never,
  forget: () => never,
};

/** Opens a breaker by failing as callers do. */
export async function open(key: BreakerKey, breakers = client()) {
  for (let n = 0; n < 5; n += 1) {
    const permit = await breakers.permit(key);
    if (!permit.allowed) throw new Error(`not permitted: ${permit.reason}`);
    await breakers.report(key, permit, failure);
  }
  return breakers;
}

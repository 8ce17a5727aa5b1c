import { env } from "cloudflare:workers";
import type { Clock } from "../../src/core/clock.ts";
import { openLog } from "../../src/core/log.ts";
import { openDb } from "../../src/db/client.ts";
import { consumeSteps, type Engine, openEngine, type StepMessage } from "../../src/executions/index.ts";
import type { Account } from "./accounts.ts";
import { ctxOf } from "./accounts.ts";

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function testClock(start = Date.now()): TestClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

/** A message that the engine sent, and the delay it asked for. */
export interface Sent {
  message: StepMessage;
  delaySeconds: number;
}

/** The engine with its queue in the test's hands: what it sends is gathered, and delivered when the test says so. */
export interface TestEngine extends Engine {
  sent: Sent[];
  clock: TestClock;
  /** Hands one message to the consumer, as the platform would. Answers whether it was acknowledged. */
  deliver(message: StepMessage): Promise<boolean>;
  /** Delivers everything that was sent, and what is sent meanwhile, until nothing is left. Delays are waited out. */
  drain(): Promise<void>;
}

export function testEngine(over: Partial<Engine> = {}, clock: TestClock = testClock()): TestEngine {
  const sent: Sent[] = [];
  const base = openEngine({
    db: openDb(env.DB),
    bindings: env,
    settings: {
      OPENAI_API_KEY: "test-key",
      SHARE_PROVIDER_KEYS: true,
      ENCRYPTION_KEY: env.ENCRYPTION_KEY,
      ALLOW_LOCAL_PROVIDERS: false,
    },
    waitUntil: unused,
    ownerWorkspaceId: async () => null,
    clock,
    log: openLog({ requestId: "test" }),
  });
  const engine: TestEngine = {
    ...base,
    random: () => 0.5,
    async send(messages, delaySeconds = 0) {
      sent.push(...messages.map((message) => ({ message, delaySeconds })));
    },
    publish: unused,
    ...over,
    sent,
    clock,
    async deliver(message) {
      let acknowledged = false;
      const batch = batchOf([message], () => {
        acknowledged = true;
      });
      // Every invocation has a database of its own, and with it a budget of its own.
      await consumeSteps({ ...engine, db: openDb(env.DB) }, batch);
      return acknowledged;
    },
    async drain() {
      for (let next = sent.shift(); next !== undefined; next = sent.shift()) {
        clock.advance(next.delaySeconds * 1_000);
        await engine.deliver(next.message);
      }
    },
  };
  return engine;
}

/** Closes OpenAI's breaker, so that one test's outage is not the next one's. */
export function resetBreaker(engine: Engine, { workspaceId }: Pick<Account, "workspaceId">): Promise<void> {
  return engine.breakers.reset({ workspaceId, provider: "openai", credential: "environment" });
}

/** A batch as the platform would hand it over. */
export function batchOf(bodies: readonly unknown[], ack: () => void = unused): MessageBatch<unknown> {
  return {
    queue: "executions",
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
    messages: bodies.map((body, index) => ({
      id: `m${index}`,
      timestamp: new Date(),
      body,
      attempts: 1,
      ack,
      retry: unused,
    })),
    ackAll: unused,
    retryAll: unused,
  };
}

/** A context for verbs that shares the engine's clock. */
export function ctxWith(account: Account, engine: TestEngine) {
  return ctxOf(account, { clock: engine.clock });
}

function unused(): void {
  // The engine calls these for effects that no test of it looks at.
}

import { type Clock, isoTime, systemClock } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import { randomIds } from "../core/ids.ts";
import type { Logger } from "../core/log.ts";
import { tellBudgetAlerts } from "../costs/index.ts";
import type { Db } from "../db/client.ts";
import { adapterFor, type BreakerNamespace, type KeySettings, keyFor, openBreakers } from "../providers/index.ts";
import type { Engine } from "./engine.ts";
import type { LiveEvent } from "./live-events.ts";
import type { StepMessage } from "./message.ts";
import { publisher } from "./publisher.ts";
import { r2Outputs } from "./r2-outputs.ts";

/** What a queue takes in one `sendBatch`. */
const SEND_BATCH = 100;

/** What of the platform the engine stands on. */
interface EngineBindings {
  EXECUTIONS: Queue<StepMessage>;
  OUTPUTS: R2Bucket;
  CIRCUIT_BREAKER: BreakerNamespace;
  LIVE_FEED: { getByName(name: string): { publish(events: readonly LiveEvent[]): Promise<void> } };
}

interface Invocation {
  db: Db;
  bindings: EngineBindings;
  settings: KeySettings;
  waitUntil(work: Promise<unknown>): void;
  /** The workspace that the installation's own keys serve, `null` while nobody has signed up. */
  ownerWorkspaceId(): Promise<string | null>;
  clock?: Clock;
  /** Has the invocation's id in every line. */
  log: Logger;
}

/** The engine of production, for one invocation. */
export function openEngine({
  db,
  bindings,
  settings,
  waitUntil,
  ownerWorkspaceId,
  clock = systemClock,
  log,
}: Invocation): Engine {
  const publish = publisher(
    { publish: (workspaceId, events) => bindings.LIVE_FEED.getByName(workspaceId).publish(events) },
    waitUntil,
    log,
  );
  const ids = randomIds(clock);
  return {
    db,
    clock,
    ids,
    log,
    random: Math.random,
    send: (messages, delaySeconds) => sendAll(bindings.EXECUTIONS, messages, delaySeconds ?? 0, log),
    outputs: r2Outputs(bindings.OUTPUTS),
    providerKey: (workspaceId, provider) => keyFor({ db, clock, workspaceId, settings, ownerWorkspaceId }, provider),
    complete: (provider, request, options) => adapterFor(provider).complete(request, options),
    breakers: openBreakers(bindings.CIRCUIT_BREAKER, {
      clock,
      waitUntil,
      log,
      onChange: ({ workspaceId, provider }, state) => {
        log.log("warn", "Fallback", `the breaker of ${provider} is ${state} now`, { workspaceId });
        publish(workspaceId, [{ type: "breaker", provider, state, at: isoTime(clock.now()) }]);
      },
    }),
    publish,
    tellAlerts: () => tellBudgetAlerts({ db, clock, ids, log, settings, publish }),
    sleep,
    background: waitUntil,
    every(ms, callback) {
      const timer = setInterval(() => void callback(), ms);
      return () => clearInterval(timer);
    },
  };
}

/** Resolves after a time, or as soon as the signal aborts. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A send that fails is not an error of whoever sends: the sweeper sends for steps that stay ready. */
async function sendAll(
  queue: Queue<StepMessage>,
  messages: readonly StepMessage[],
  delaySeconds: number,
  log: Engine["log"],
): Promise<void> {
  for (let start = 0; start < messages.length; start += SEND_BATCH) {
    const batch = messages.slice(start, start + SEND_BATCH);
    const [only, ...others] = batch;
    try {
      // One by itself takes a shorter way than a batch of one.
      if (only !== undefined && others.length === 0) await queue.send(only, { delaySeconds });
      else await queue.sendBatch(batch.map((body) => ({ body, delaySeconds })));
    } catch (error) {
      const executionId = batch[0]?.executionId;
      log.log("warn", "Engine", `messages left to the sweeper: ${errorText(error)}`, {
        executionId,
        messages: batch.length,
      });
    }
  }
}

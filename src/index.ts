import { api } from "./api.ts";
import { installationOwner, pruneSignInFailures, roleNow } from "./auth/index.ts";
import { systemClock } from "./core/clock.ts";
import { randomIds } from "./core/ids.ts";
import { openLog } from "./core/log.ts";
import { runEach } from "./core/run-each.ts";
import { foldRollups, pruneBudgets, spendExpired } from "./costs/index.ts";
import { openDb } from "./db/client.ts";
import { type Env, logSampleOf, settingsOf } from "./env.ts";
import { pruneEvents } from "./events/index.ts";
import {
  consumeDeadLetters,
  consumeDetached,
  consumeSteps,
  type Engine,
  type OtherWork,
  openEngine,
  prune,
  pruneExecutions,
  pruneLogs,
  sweep,
  type Watcher,
} from "./executions/index.ts";
import { LiveFeedObject } from "./executions/live-feed.ts";
import { pageFor } from "./http/page-handler.ts";
import { continueDispatch, dispatch, dispatchMessageSchema } from "./schedules/index.ts";
import {
  type ExportMessage,
  exportMessageSchema,
  type ImportMessage,
  importMessageSchema,
  importPorts,
  runExport,
  runImport,
  tidyExports,
  tidyImports,
} from "./transfer/index.ts";
import { pruneVersions } from "./versions/index.ts";
import { openGates, rotateSecrets, tidyWebhooks } from "./webhooks/index.ts";

/** Old automatic versions and events are looked for once an hour, away from the full hour when most schedules fire. */
const PRUNED_AT_MINUTE = 17;
const PRUNED_AT_ONCE = 1_000;
/** An invocation may make 1,000 D1 queries. No task makes more than 150 beyond this, and what is left stays due. */
const QUERIES_OF_CRON = 850;

export { CircuitBreaker } from "./providers/circuit-breaker.ts";
export { WebhookGate } from "./webhooks/webhook-gate.ts";

/** The live feed, which asks auth whether a watcher may still watch. */
export class LiveFeed extends LiveFeedObject<Env> {
  protected override async accessHolds(watcher: Watcher): Promise<boolean> {
    return (await roleNow(openDb(this.env.DB), watcher, systemClock.now())) === watcher.role;
  }
}

function engineOf(env: Env, context: ExecutionContext) {
  const db = openDb(env.DB);
  const requestId = randomIds(systemClock).next();
  return openEngine({
    db,
    bindings: env,
    settings: settingsOf(env),
    waitUntil: (work) => context.waitUntil(work),
    ownerWorkspaceId: async () => (await installationOwner({ db }))?.workspaceId ?? null,
    log: openLog({ requestId, samplePercent: logSampleOf(env) }),
  });
}

/** Goes on with a dispatch that was more than one invocation may do. */
function dispatchOver(env: Env): OtherWork {
  return (engine, body) => {
    const { data: message } = dispatchMessageSchema.safeParse(body);
    return message && continueDispatch(engine, message, (rest) => env.EXECUTIONS.send(rest));
  };
}

/** What a verb needs to work for a workspace in which nobody in person asks. */
function ctxFor({ db, clock, ids, log }: Engine, workspaceId: string) {
  return { db, clock, ids, log, workspaceId, userId: null };
}

function importPortsOf(env: Env) {
  const send = async (message: ImportMessage) => {
    await env.EXECUTIONS.send(message);
  };
  const feed = (workspaceId: string) => env.LIVE_FEED.getByName(workspaceId);
  return { ...importPorts(settingsOf(env)), bucket: env.EXPORTS, send, feed };
}

/** Goes on with the import of a file that was too large for its request. */
function importOver(env: Env): OtherWork {
  return (engine, body) => {
    const { data: message } = importMessageSchema.safeParse(body);
    return message && runImport(ctxFor(engine, message.workspaceId), importPortsOf(env), message);
  };
}

/** Writes the file of a bulk export, which counts its queries by itself. */
function exportOver(env: Env): OtherWork {
  return (engine, body) => {
    const { data: message } = exportMessageSchema.safeParse(body);
    return message && runExport({ ...engine, db: openDb(env.DB) }, env.EXPORTS, message);
  };
}

/** All work on the queue that is no step. */
function otherWork(env: Env): OtherWork {
  const kinds = [dispatchOver(env), importOver(env), exportOver(env)];
  return (engine, body) => {
    for (const kind of kinds) {
      const work = kind(engine, body);
      if (work) return work;
    }
    return undefined;
  };
}

export default {
  // Vars and secrets may stand beside the bindings.
  fetch: <Bindings extends Env>(request: Request, env: Bindings, context: ExecutionContext) =>
    pageFor(request, env) ?? api.fetch(request, env, context),

  async queue(batch, env, context) {
    const engine = () => engineOf(env, context);
    if (batch.queue.startsWith("executions-dead")) return consumeDeadLetters(engine(), batch);
    if (!batch.queue.startsWith("executions")) throw new Error(`no consumer for the queue ${batch.queue}`);
    const other = otherWork(env);
    if (!settingsOf(env).DETACHED_CONSUMER) return consumeSteps(engine(), batch, other);
    consumeDetached(engine, batch, (work) => context.waitUntil(work), other);
  },

  async scheduled(controller, env, context) {
    const engine = engineOf(env, context);
    const ctxOf = (workspaceId: string) => ctxFor(engine, workspaceId);
    const hourly = new Date(controller.scheduledTime).getUTCMinutes() === PRUNED_AT_MINUTE;
    // Each for itself: a fault in one must not starve the others of their minute.
    await runEach(
      engine.log,
      "Cron",
      {
        // First, since somebody waits for it.
        dispatch: () => dispatch(engine, controller.scheduledTime, (rest) => env.EXECUTIONS.send(rest)),
        sweep: () => sweep(engine),
        prune: () => prune(engine),
        spendExpired: () => spendExpired(engine.db, engine.clock.now(), PRUNED_AT_ONCE),
        tellAlerts: () => engine.tellAlerts(),
        rotateSecrets: () => rotateSecrets(engine, settingsOf(env)),
        tidyWebhooks: () => tidyWebhooks(engine, openGates(env.WEBHOOK_GATE)),
        tidyImports: () => tidyImports(engine.db, { ...importPortsOf(env), ctxOf }, engine.clock.now()),
        tidyExports: () => tidyExports(engine, env.EXPORTS, (message: ExportMessage) => env.EXECUTIONS.send(message)),
        pruneExecutions: () => pruneExecutions(engine.db, engine.clock.now()),
        pruneLogs: () => pruneLogs(engine.db, engine.clock.now()),
        foldRollups: () => foldRollups(engine.db, engine.clock.now()),
        ...(hourly && {
          pruneVersions: () => pruneVersions(engine.db, engine.clock.now(), PRUNED_AT_ONCE),
          pruneSignInFailures: () => pruneSignInFailures(engine.db, engine.clock.now(), PRUNED_AT_ONCE),
          pruneEvents: () => pruneEvents(engine.db, engine.clock.now(), PRUNED_AT_ONCE),
          pruneBudgets: () => pruneBudgets(engine.db, engine.clock.now(), PRUNED_AT_ONCE),
        }),
      },
      () => engine.db.usage.queries < QUERIES_OF_CRON,
    );
  },
} satisfies ExportedHandler<Env>;

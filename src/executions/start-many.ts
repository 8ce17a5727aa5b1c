import { isoTime } from "../core/clock.ts";
import { DomainError, errorText } from "../core/errors.ts";
import { retryTransient } from "../db/transient.ts";
import { checkInput } from "../definitions/index.ts";
import { PROVIDERS, settingNameOf } from "../providers/index.ts";
import { ensureVersionsOfDrafts, type UncommittedDraft } from "../versions/index.ts";
import type { Engine } from "./engine.ts";
import { QUERY_BUDGET } from "./limits.ts";
import { choosePin } from "./pin.ts";
import { chunked } from "./rules/chunked.ts";
import { insertMany, insertManySteps, markExecuted, type WantedExecution, watchedAmong } from "./store/insert-many.ts";
import { startedSchema } from "./store/rows.ts";
import { keyOfContent, type Runnable, runnablesOf } from "./store/runnables.ts";

/** One of many executions to be started, in whatever workspace. */
export interface ManyStart {
  workspaceId: string;
  workflowId: string;
  executionId: string;
  /** What `pinExpression` gave for the version. */
  pin: string;
  trigger: { type: "schedule"; id: string };
  /** JSON, a megabyte at most. */
  input: string;
  /** What the gate goes by. */
  claim: Record<string, string | number>;
}

/** Lets each of many starts through once, in the very batch that writes the executions. */
export interface StartGate {
  /** An SQL condition over `wanted.value`, the start as JSON: whether it may take effect. Holds no value from outside. */
  admits: string;
  /** What follows in the batch. `?1` style binding to the starts as a JSON array. */
  after(wanted: string): D1PreparedStatement[];
}

export type ManyOutcome =
  | { kind: "started"; versionId: string }
  /** It cannot be started as things are. The message says what to do. */
  | { kind: "refused"; code: string; message: string }
  /** The gate let it through elsewhere, or the version changed meanwhile: look again. */
  | { kind: "lost" };

/** Rows and bytes of one batch: a transaction holds everybody else up, and D1 binds 2 MB at most. */
const BATCH = { steps: 2_000, bytes: 900_000 };

/**
 * Starts many executions with a few statements: finds their definitions, checks each, and writes what can run in
 * batches, then sends the first steps' messages. One that cannot be started keeps no other from it. Answers what
 * became of each, by execution id; one is left out when the queries of this invocation did not reach for it, or a fault
 * kept its workspace's keys from being read. Repeating it is safe as far as the gate is.
 */
export async function startMany(
  engine: Engine,
  starts: readonly ManyStart[],
  gate: StartGate,
): Promise<Map<string, ManyOutcome>> {
  const outcomes = new Map<string, ManyOutcome>();
  const pinned: Pinned[] = [];
  const drafts = new Map<string, UncommittedDraft>();
  for (const start of starts) {
    const found = await pinOf(engine, start, drafts);
    if (found === null) outcomes.set(start.executionId, VERSION_MISSING);
    else pinned.push({ start, ...found });
  }
  const runnables = await runnablesOf(
    engine,
    pinned.map(({ start, contentHash }) => ({ workspaceId: start.workspaceId, hash: contentHash })),
  );
  const ready: ReadyStart[] = [];
  for (const each of pinned) {
    const runnable = runnables.get(keyOfContent(each.start.workspaceId, each.contentHash));
    if (!runnable) {
      outcomes.set(each.start.executionId, { kind: "lost" });
      continue;
    }
    const refusal = await refusalOf(engine, each.start, runnable);
    if (refusal === undefined) ready.push({ ...each, runnable });
    else if (refusal !== "unknown") outcomes.set(each.start.executionId, refusal);
  }
  const sizeOf = ({ start, runnable }: ReadyStart) => ({
    steps: runnable.steps.length,
    bytes: start.input.length * 3 + runnable.stepsJson.length + 1_000,
  });
  for (const several of chunked(ready, sizeOf, BATCH)) {
    // Large inputs make many batches of few.
    if (engine.db.usage.queries > QUERY_BUDGET) break;
    for (const [id, outcome] of await write(engine, several, [...drafts.values()], gate)) outcomes.set(id, outcome);
  }
  return outcomes;
}

const VERSION_MISSING: ManyOutcome = {
  kind: "refused",
  code: "version_not_found",
  message: "The version or tag that it names is not there. Choose another one.",
};

interface Pinned {
  start: ManyStart;
  versionId: string;
  contentHash: string;
}

interface ReadyStart extends Pinned {
  runnable: Runnable;
}

async function pinOf(
  engine: Engine,
  { workspaceId, workflowId, executionId, pin }: ManyStart,
  drafts: Map<string, UncommittedDraft>,
): Promise<{ versionId: string; contentHash: string } | null> {
  const choice = await choosePin(pin, executionId);
  if (choice.kind === "missing") return null;
  if (choice.kind === "committed") return choice.pin;
  const key = `${workspaceId}/${workflowId}`;
  const draft = drafts.get(key) ?? {
    workspaceId,
    workflowId,
    versionId: engine.ids.next(),
    contentHash: choice.draftHash,
  };
  drafts.set(key, draft);
  return draft;
}

/** Why it cannot be started, if so; `unknown` when a fault keeps that from being found out. */
async function refusalOf(
  engine: Engine,
  start: ManyStart,
  runnable: Runnable,
): Promise<ManyOutcome | "unknown" | undefined> {
  if (runnable.fault !== null) return { kind: "refused", code: "workflow_invalid", message: runnable.fault };
  const faults = runnable.inputSchema === undefined ? [] : checkInput(runnable.inputSchema, JSON.parse(start.input));
  const [fault] = faults;
  if (fault) {
    const place = fault.path === "" ? "input" : `input.${fault.path}`;
    const message = `The input does not fit the workflow's inputSchema: ${place} ${fault.message}.`;
    return { kind: "refused", code: "input_invalid", message };
  }
  for (const provider of PROVIDERS) {
    if (!runnable.providers.has(provider)) continue;
    // Each workspace asks once. Past the budget the step itself finds out, and fails with the same words.
    if (engine.db.usage.queries > QUERY_BUDGET) return undefined;
    const message = await keyFault(engine, start.workspaceId, provider);
    if (message === "unknown") return message;
    if (message !== null) return { kind: "refused", code: "provider_not_configured", message };
  }
  return undefined;
}

async function keyFault(
  engine: Engine,
  workspaceId: string,
  provider: (typeof PROVIDERS)[number],
): Promise<string | "unknown" | null> {
  try {
    if ((await engine.providerKey(workspaceId, provider)) !== null) return null;
    return `No key is set for ${provider}. Store one with PUT /api/credentials/${provider}, or set ${settingNameOf(provider)}.`;
  } catch (error) {
    // A stored key that cannot be used is this workspace's affair: the others' executions must start.
    engine.log.log("warn", "Engine", `not started: ${errorText(error)}`, { workspaceId, provider });
    // What the database met says nothing of the key.
    return error instanceof DomainError ? errorText(error) : "unknown";
  }
}

async function write(
  engine: Engine,
  several: readonly ReadyStart[],
  drafts: readonly UncommittedDraft[],
  gate: StartGate,
): Promise<Map<string, ManyOutcome>> {
  const { db } = engine;
  const now = engine.clock.now();
  const plans = [...new Set(several.map(({ runnable }) => runnable))];
  const wanted: WantedExecution[] = several.map(({ start, versionId, contentHash, runnable }) => ({
    workspaceId: start.workspaceId,
    workflowId: start.workflowId,
    executionId: start.executionId,
    versionId,
    contentHash,
    triggerType: start.trigger.type,
    triggerId: start.trigger.id,
    input: start.input,
    maxParallel: runnable.maxParallel,
    deadlineAt: now + runnable.timeoutMs,
    plan: plans.indexOf(runnable),
    claim: start.claim,
  }));
  const json = JSON.stringify(wanted);
  const stepsJson = `[${plans.map((plan) => plan.stepsJson).join(",")}]`;
  const made = new Set(several.map(({ versionId }) => versionId));
  const toCommit = drafts.filter((draft) => made.has(draft.versionId));
  const statements = [
    ...(toCommit.length > 0 ? [ensureVersionsOfDrafts(db, toCommit, "Committed to be executed", now)] : []),
    insertMany(db, json, gate.admits, now),
    markExecuted(db, json),
    insertManySteps(db, json, stepsJson, now),
    ...gate.after(json),
    watchedAmong(db, json, now),
  ];
  const results = await retryTransient(() => db.d1.batch(statements));
  const rows = startedSchema.array().parse(results.at(-1)?.results);
  const watched = new Map(rows.map((row) => [row.id, row.watched === 1]));
  const started = several.filter(({ start }) => watched.has(start.executionId));
  await engine.send(started.flatMap(firstMessages));
  for (const { start } of started) {
    const { workspaceId, executionId, workflowId, trigger } = start;
    const about = { executionId, workflowId, trigger: trigger.type, triggerId: trigger.id };
    engine.log.log("debug", "Engine", "execution started", about);
    if (!watched.get(executionId)) continue;
    engine.publish(workspaceId, [{ type: "execution", executionId, workflowId, status: "queued", at: isoTime(now) }]);
  }
  return new Map(
    several.map(({ start, versionId }) => [
      start.executionId,
      watched.has(start.executionId) ? { kind: "started", versionId } : { kind: "lost" },
    ]),
  );
}

function firstMessages({ start: { workspaceId, executionId }, runnable }: ReadyStart) {
  return runnable.firstNodes.map((nodeId) => ({ workspaceId, executionId, nodeId }));
}

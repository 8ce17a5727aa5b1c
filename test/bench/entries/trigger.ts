import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { z } from "zod";
import { signUp } from "../../support/account.ts";
import { createWorkflow } from "../../support/workflows.ts";
import { startBenchWorker } from "../bench-worker.ts";
import { compared, type Figures, median, repeat } from "../figure.ts";
import { type Load, postUnderLoad } from "../load.ts";

/** So many webhooks, each with a gate of its own. */
const WEBHOOKS = 50;
const CONNECTIONS = 16;
/** Short and many: what else a machine does weighs on neighbours alike, and the middle ratio leaves out the rest. */
const ROUND_MS = 750;
const ROUNDS = 16;
const BODY = JSON.stringify({ action: "opened", issue: { number: 1, title: "It breaks" }, sender: { login: "ada" } });

/**
 * The durable steps of a trigger and nothing else: a row read from D1, a durable write in a Durable Object, an insert, and a
 * message. Its consumer only acknowledges, as the one of Swarm does here, so that neither works on what was started.
 *
 * The second control also does what any Worker has to do that stands where Swarm does: its batch writes the execution with its
 * step and counts the call, and it writes a line to the log, since its addresses hold secrets and the platform's own lines
 * would show them.
 */
const BARE = (complete: boolean) => `
  import { DurableObject } from "cloudflare:workers";
  export class Gate extends DurableObject {
    constructor(state, env) {
      super(state, env);
      this.sql = state.storage.sql;
      this.sql.exec("CREATE TABLE IF NOT EXISTS slots (id TEXT PRIMARY KEY, at INTEGER NOT NULL)");
    }
    reserve(id, at) {
      this.sql.exec("INSERT INTO slots VALUES (?, ?)", id, at);
      return { admitted: true };
    }
  }
  export default {
    async fetch(request, env) {
      const hook = new URL(request.url).pathname.slice(1);
      const row = await env.DB.prepare("SELECT id FROM webhooks WHERE id = ?").bind(hook).first();
      const id = crypto.randomUUID();
      const input = await request.text();
      await env.GATE.getByName(row.id).reserve(id, Date.now());
      const insert = env.DB.prepare("INSERT INTO executions VALUES (?, ?, ?)").bind(id, hook, input);
      if (${complete}) {
        await env.DB.batch([
          insert,
          env.DB.prepare("INSERT INTO steps VALUES (?, 'a', 'ready')").bind(id),
          env.DB.prepare("UPDATE webhooks SET calls = calls + 1 WHERE id = ?").bind(hook),
        ]);
      } else await insert.run();
      await env.STEPS.send({ id });
      if (${complete}) console.log(JSON.stringify({ level: "info", message: "started", hook, id, status: 202 }));
      return Response.json({ success: true, id }, { status: 202 });
    },
    queue(batch) {
      batch.ackAll();
    },
  };
`;

/** How many calls of webhooks a second are let in and started, and how long each takes. */
export async function trigger(): Promise<Figures> {
  const swarm = await startBenchWorker("trigger", { consume: true, assets: false });
  // On disk, as the Worker's own state is.
  const dir = mkdtempSync(join(tmpdir(), "swarm-bench-bare-"));
  const bare = bareWorker(join(dir, "bare"), false);
  const complete = bareWorker(join(dir, "complete"), true);
  try {
    const urls = await webhooksAt(swarm.url);
    const [bareUrls, completeUrls] = [await preparedBare(bare), await preparedBare(complete)];
    const measure = async () => ({
      ours: await postUnderLoad(urls, BODY, CONNECTIONS, ROUND_MS),
      bare: await postUnderLoad(bareUrls, BODY, CONNECTIONS, ROUND_MS),
      complete: await postUnderLoad(completeUrls, BODY, CONNECTIONS, ROUND_MS),
    });
    // The first rounds start the gates and fill the caches of all.
    await repeat(3, measure);
    const rounds = await repeat(ROUNDS, measure);
    const throughput = (control: "bare" | "complete") => ({
      ...compared(
        rounds.map((round) => ({ value: round.ours.perSecond, control: round[control].perSecond })),
        "calls a second",
      ),
      ratio: median(rounds.map((round) => round.ours.perSecond / round[control].perSecond)),
      aim: ">= 0.8 of the control",
    });
    const latency = (part: number) =>
      compared(
        rounds.map((round) => ({ value: percentile(round.ours, part), control: percentile(round.bare, part) })),
        "ms",
      );
    return {
      "trigger.throughput": throughput("bare"),
      "trigger.against_complete": throughput("complete"),
      "trigger.p50": latency(0.5),
      "trigger.p99": latency(0.99),
    };
  } finally {
    await complete.dispose();
    await bare.dispose();
    await swarm.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const webhookSchema = z.object({ webhookUrl: z.string() });

async function webhooksAt(url: string): Promise<string[]> {
  const person = await signUp(url);
  const workflowId = await createWorkflow(person, ["a"]);
  const commit = await person.request("POST", `/api/workflows/${workflowId}/versions`, {
    commitMessage: "To be called",
  });
  if (commit.status !== 201) throw new Error(`committing answered ${commit.status}`);
  return repeat(WEBHOOKS, async () => {
    const body = { rateLimit: { limit: 10_000 } };
    const answer = await person.request("POST", `/api/workflows/${workflowId}/webhooks`, body);
    return webhookSchema.parse(answer.body).webhookUrl;
  });
}

function bareWorker(persistDir: string, complete: boolean): Miniflare {
  return new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      handleStructuredLogs: () => undefined,
      resourcePersistencePath: persistDir,
      workers: [
        {
          name: "bare",
          modules: [{ type: "ESModule", path: "bare.js", contents: BARE(complete) }],
          compatibilityDate: "2026-11-01",
          d1Databases: { DB: "bare" },
          durableObjects: { GATE: { className: "Gate", useSQLite: true } },
          queueProducers: { STEPS: "steps" },
          queueConsumers: { steps: { maxBatchSize: 4, maxBatchTimeout: 0 } },
        },
      ],
    }),
  );
}

async function preparedBare(bare: Miniflare): Promise<string[]> {
  const { origin } = await bare.ready;
  const db = await bare.getD1Database("DB");
  await db.batch([
    db.prepare("CREATE TABLE webhooks (id TEXT PRIMARY KEY, calls INTEGER NOT NULL) WITHOUT ROWID"),
    db.prepare(
      "CREATE TABLE executions (id TEXT PRIMARY KEY, webhook_id TEXT NOT NULL, input TEXT NOT NULL) WITHOUT ROWID",
    ),
    db.prepare(
      "CREATE TABLE steps (execution_id TEXT, node_id TEXT, status TEXT, PRIMARY KEY (execution_id, node_id)) WITHOUT ROWID",
    ),
  ]);
  const ids = Array.from({ length: WEBHOOKS }, (_, index) => `hook-${index}`);
  await db.batch(ids.map((id) => db.prepare("INSERT INTO webhooks VALUES (?, 0)").bind(id)));
  return ids.map((id) => `${origin}/${id}`);
}

function percentile({ latencies }: Load, part: number): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? median(latencies);
}

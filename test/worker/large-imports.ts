import { env } from "cloudflare:workers";
import type { Ctx } from "../../src/db/context.ts";
import { importUpload } from "../../src/transfer/import-upload.ts";
import { importPorts, type RunPorts } from "../../src/transfer/index.ts";
import type { ImportState } from "../../src/transfer/read-import.ts";
import { type Account, ctxOf, readAnswer } from "./accounts.ts";
import { bundleOf } from "./imports.ts";
import { definitionOf } from "./workflows.ts";

type Some = Record<string, unknown>;

const DAY_MS = 24 * 3_600_000;

/** A workflow with a history that no single batch takes, and that no retention is about to remove. */
export function longBundle(name: string, executions = 1_500) {
  const steps = ["a", "b"].map((nodeId) => ({
    nodeId,
    agentId: `agent-${nodeId}`,
    status: "succeeded",
    output: "o".repeat(900),
  }));
  const createdAt = new Date(Date.now() - DAY_MS).toISOString();
  const past = { status: "succeeded", createdAt, input: null, output: "o".repeat(900), costNanoUsd: 5, steps };
  const versions = [{ version: 1, commitMessage: "One", workflowData: definitionOf(["a>b"]), tags: ["stable"] }];
  return bundleOf(name, {
    versions,
    schedules: [{ cronExpression: "0 3 * * *", version: "stable" }],
    webhooks: [{}],
    executions: Array.from({ length: executions }, () => past),
  });
}

/** So many small workflows. */
export const many = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, place) => bundleOf(`${prefix} ${place}`));

export async function workflowsCalled(prefix: string): Promise<Some[]> {
  return (
    await env.DB.prepare("SELECT id, name, workspace_id FROM workflows WHERE name LIKE ?1 || '%'").bind(prefix).all()
  ).results;
}

/** How many rows are gathered out of sight. */
export async function staged(): Promise<number> {
  return Number(
    await env.DB.prepare(
      "SELECT (SELECT count(*) FROM workflows WHERE workspace_id LIKE 'importing:%') + (SELECT count(*) FROM snapshots WHERE workspace_id LIKE 'importing:%') + (SELECT count(*) FROM import_stages) AS n",
    ).first("n"),
  );
}

export const objects = async () => (await env.EXPORTS.list({ prefix: "imports/" })).objects.map(({ key }) => key);

/** Ways to import large files for somebody, who is known by the time that a test runs. */
export function largeImports(who: () => Account) {
  const read = async (importId: string) => (await who().send<ImportState>("GET", `/api/imports/${importId}`)).body;
  return {
    read,
    async upload(body: BodyInit, query = "", headers: Record<string, string> = {}) {
      return readAnswer<{ importId: string; error: { code: string; message: string } }>(
        await who().fetch(`/api/workflows/import${query}`, { method: "POST", body, headers }),
      );
    },
    /** Waits until the queue has ended an import. */
    async ended(importId: string): Promise<ImportState> {
      for (let tries = 0; tries < 600; tries += 1) {
        const state = await read(importId);
        if (state.status === "succeeded" || state.status === "failed") return state;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`the import has not ended: ${JSON.stringify(await read(importId)).slice(0, 500)}`);
    },
    /** An import whose message is ours to deliver: nothing is sent by itself. `over` is what its request works with. */
    quietImport: (list: unknown[], query = "", over: Partial<Ctx> = {}) => quietImport(who(), list, query, over),
  };
}

async function quietImport(account: Account, list: unknown[], query: string, over: Partial<Ctx>) {
  const sent: unknown[] = [];
  const bucket = env.EXPORTS;
  const ports: RunPorts = {
    ...importPorts({ ENCRYPTION_KEY: env.ENCRYPTION_KEY }),
    bucket,
    send: async (message) => {
      sent.push(message);
    },
    feed: (workspaceId) => env.LIVE_FEED.getByName(workspaceId),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(list));
  async function* pieces() {
    yield bytes;
  }
  const conflict = query === "" ? ("rename" as const) : ("overwrite" as const);
  const outcome = await importUpload(ctxOf(account, over), ports, {
    pieces: pieces(),
    conflict,
    dryRun: false,
    keyOf: async () => undefined,
  });
  if (!outcome.queued) throw new Error("the file was small");
  const message = { kind: "import" as const, workspaceId: account.workspaceId, importId: outcome.importId };
  return { ports, message, sent, importId: outcome.importId };
}

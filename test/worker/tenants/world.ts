import { env } from "cloudflare:workers";
import { z } from "zod";
import { type Account, apiKey, invite, joinAs } from "../accounts.ts";
import { testEngine } from "../engine.ts";
import { runOnce } from "../run-once.ts";
import { call, createWebhook, echo, recorded } from "../webhooks.ts";
import { createWorkflow } from "../workflows.ts";

const made = z.object({ id: z.string() });
const first = z.object({ items: z.tuple([made]).rest(z.unknown()) });
const invitations = z.object({ items: z.tuple([z.object({ id: z.string() })]).rest(z.unknown()) });

/** Stands in names and texts of a world, so that none of them can show up elsewhere unseen. */
export const MARK = "only-for-its-own-workspace";

/** A workspace that holds one of everything, by the ids that stand in addresses and bodies. */
export interface World {
  owner: Account;
  viewer: Account;
  memberId: string;
  workflowId: string;
  otherWorkflowId: string;
  versionId: string;
  olderVersionId: string;
  executionId: string;
  scheduleId: string;
  webhookId: string;
  secretKey: string;
  callId: string;
  budgetId: string;
  knowledgeId: string;
  keyId: string;
  exportId: string;
  importId: string;
  invitationId: string;
}

/** Fills this owner's workspace with one of everything. */
export async function worldOf(owner: Account): Promise<World> {
  const create = async (path: string, body: unknown) => made.parse((await owner.send("POST", path, body)).body).id;
  const newest = async (path: string) => first.parse((await owner.send("GET", path)).body).items[0].id;
  const model = echo();
  const { workflowId, executionId } = await runOnce(owner, testEngine(), ["a>b"], { agents: { a: { prompt: MARK } } });
  const olderVersionId = await newest(`/api/workflows/${workflowId}/versions`);
  const draft = await owner.send<object>("GET", `/api/workflows/${workflowId}`);
  await owner.send("PUT", `/api/workflows/${workflowId}`, {
    ...draft.body,
    name: MARK,
    settings: { timeoutSeconds: 60 },
  });
  const versionId = await create(`/api/workflows/${workflowId}/versions`, { commitMessage: MARK, tag: "production" });
  const scheduleId = await create(`/api/workflows/${workflowId}/schedules`, {
    cronExpression: "0 9 * * *",
    input: MARK,
  });
  const hook = await createWebhook(owner, workflowId);
  await call(hook, { body: { text: MARK } });
  const [called] = await recorded(owner, hook.id, 1);
  await owner.send("PUT", "/api/credentials/anthropic", { apiKey: `sk-ant-${MARK}` });
  await owner.send("PUT", "/api/pricing", { provider: "openai", model: MARK, inputTokenPrice: 1, outputTokenPrice: 1 });
  await owner.send("POST", "/api/workflows/bulk-export", { workflowIds: [workflowId] });
  const importId = crypto.randomUUID();
  await env.DB.prepare(
    "INSERT INTO imports (workspace_id, id, status, file_key, conflict, dry_run, created_by, created_at, updated_at) VALUES (?, ?, 'failed', ?, 'rename', 0, ?, ?, ?)",
  )
    .bind(owner.workspaceId, importId, MARK, owner.userId, Date.now(), Date.now())
    .run();
  const viewer = await joinAs(owner, "viewer");
  await invite(owner, "viewer");
  const members = z
    .object({ items: z.array(z.object({ id: z.string(), userId: z.string() })) })
    .parse((await owner.send("GET", "/api/members")).body);
  model.splice(0);
  return {
    owner,
    viewer,
    memberId: members.items.find(({ userId }) => userId === viewer.userId)?.id ?? "none",
    workflowId,
    otherWorkflowId: await createWorkflow(owner, ["c"]),
    versionId,
    olderVersionId,
    executionId,
    scheduleId,
    webhookId: hook.id,
    secretKey: hook.secretKey,
    callId: called?.id ?? "none",
    budgetId: await create("/api/budgets", { period: "day", limitUsd: "5" }),
    knowledgeId: await create("/api/knowledge", { agentRole: "tester", category: MARK, content: MARK }),
    keyId: (await apiKey(owner)).id,
    exportId: await newest("/api/exports"),
    importId,
    invitationId: invitations.parse((await owner.send("GET", "/api/invitations")).body).items[0].id,
  };
}

import { unzipSync } from "fflate";
import { expect } from "vitest";
import { z } from "zod";
import type { Account } from "./accounts.ts";
import { testEngine } from "./engine.ts";
import { answerAsOpenAi } from "./model.ts";
import { runOnce } from "./run-once.ts";
import { versioning } from "./versions.ts";
import { createWebhook } from "./webhooks.ts";

/** The query that asks for all that an export may hold. */
export const EVERYTHING =
  "includeExecutions=true&includeKnowledge=true&includeSchedules=true&includeWebhooks=true&includeVersions=true";
/** What looks like a key. */
export const KEY = `sk-proj-${"aB3".repeat(12)}`;

/** A member of a bundle whose fields a test names itself. */
export const record = z.record(z.string(), z.unknown());
/** A bundle as an export writes it, as far as tests look at it. */
export const bundleSchema = z.looseObject({
  version: z.string(),
  workflow: z.looseObject({ name: z.string(), nodes: z.array(record), edges: z.array(record) }),
  agents: z.array(record),
  schedules: z.array(record).optional(),
  webhooks: z.array(record).optional(),
  versions: z.array(record).optional(),
  executions: z.array(record).optional(),
  knowledgeBase: z.array(record).optional(),
  omitted: record.optional(),
});
type Bundle = z.infer<typeof bundleSchema>;

/** What a workflow of somebody exports. */
export async function exportOf(from: Account, id: string, query = EVERYTHING): Promise<Bundle> {
  const { status, body } = await from.send("GET", `/api/workflows/${id}/export?${query}`);
  expect(status).toBe(200);
  return bundleSchema.parse(body);
}

/** A text that compresses badly. */
export function noise(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The files of an archive, parsed. */
export function unzipped(bytes: Uint8Array): Record<string, unknown> {
  const texts = Object.entries(unzipSync(bytes)).map(([name, content]) => [name, new TextDecoder().decode(content)]);
  return Object.fromEntries(texts.map(([name, text]) => [name, JSON.parse(text ?? "")]));
}

/** A workflow with something of every kind that an export may hold. */
export async function fullWorkflow(account: Account): Promise<string> {
  answerAsOpenAi(() => ({ text: "the answer" }));
  const agents = { a: { prompt: "{{input}}", useKnowledge: true, role: "historian" }, b: { topP: 0.5 } };
  const { workflowId } = await runOnce(account, testEngine(), ["a>b?contains(output, 'answer')"], {
    agents,
    settings: { timeoutSeconds: 60 },
  });
  await versioning(() => account).commit(workflowId, "A commit", "production");
  await account.send("POST", "/api/knowledge", { agentRole: "historian", category: "Rome", content: "Not in a day." });
  await account.send("POST", `/api/workflows/${workflowId}/schedules`, {
    ...{ cronExpression: "0 9 * * *", timezone: "Europe/Berlin", input: { who: "ann@example.com" } },
    version: "production",
  });
  await createWebhook(account, workflowId, {
    signature: { scheme: "hmac", header: "X-Sig", secret: "the-secret-of-the-sender" },
    ipWhitelist: ["10.1.2.3"],
    payloadTransformer: { title: "issue.title" },
  });
  return workflowId;
}

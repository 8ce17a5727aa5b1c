import { expect, test } from "vitest";
import { z } from "zod";
import { answerOf } from "../support/account.ts";
import { startTestInstance } from "../support/instance.ts";
import { type Example, readmeExamples } from "../support/readme-examples.ts";
import { ended } from "../support/workflows.ts";

const keySchema = z.looseObject({ key: z.string() });
const idSchema = z.looseObject({ id: z.string() });
const startedSchema = z.looseObject({ executionId: z.string() });
const costsSchema = z.looseObject({ calls: z.number() });
const trendsSchema = z.looseObject({ items: z.array(z.looseObject({ executions: z.number() })) });
const webhookSchema = z.looseObject({ webhookUrl: z.string() });

test("a reader who sends the README's examples one after another has none refused, and sees what was spent", async () => {
  const swarm = await startTestInstance();
  try {
    const reader = await swarm.signUp();
    const { key } = keySchema.parse((await reader.request("POST", "/api/api-keys", { name: "Reader" })).body);
    // What the page has its reader set, some of it from the answers before.
    const variables: Record<string, string> = { $URL: swarm.url };
    const filled = (text: string) => text.replaceAll(/\$[A-Z_]+|EXECUTION_ID/g, (name) => variables[name] ?? name);

    async function send({ method, address, signedIn, body, file }: Example) {
      const payload = file === null ? body : await exported(swarm.url, variables.$ID ?? "", key);
      return answerOf(
        await fetch(filled(address), {
          method,
          headers: {
            ...(signedIn ? { Authorization: `Bearer ${key}` } : {}),
            // What curl says of anything that it sends.
            ...(payload === null ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
          },
          body:
            typeof payload === "string"
              ? payload.replace('"workflowId": "..."', `"workflowId": "${variables.$ID}"`)
              : payload,
        }),
      );
    }

    const examples = readmeExamples();
    expect(examples.length).toBeGreaterThan(20);
    for (const example of examples) {
      const isAnalytics = example.address.includes("/api/analytics/");
      if (isAnalytics) await ended(reader, variables.EXECUTION_ID ?? "");
      const { status, body } = await send(example);
      expect(status, `${example.line}: ${JSON.stringify(body)}`).toBeLessThan(300);
      if (isAnalytics) expect(callsIn(body), example.line).toBeGreaterThan(0);
      if (example.address.endsWith("/install")) variables.$ID = idSchema.parse(body).id;
      if (example.address.endsWith("/execute")) variables.EXECUTION_ID = startedSchema.parse(body).executionId;
      if (example.address.endsWith("/webhooks")) variables.$WEBHOOK_URL ??= webhookSchema.parse(body).webhookUrl;
    }
  } finally {
    await swarm.stop();
  }
});

/** How much an answer of analytics shows: calls or, of trends, executions. */
function callsIn(body: unknown): number {
  // The first line of the CSV names the columns.
  if (typeof body === "string") return body.trim().split("\n").length - 1;
  const trends = trendsSchema.safeParse(body).data;
  return trends ? trends.items.reduce((sum, { executions }) => sum + executions, 0) : costsSchema.parse(body).calls;
}

/** The archive that the example of an import sends. */
async function exported(url: string, workflowId: string, key: string): Promise<ArrayBuffer> {
  const answer = await fetch(`${url}/api/workflows/${workflowId}/export?format=zip`, {
    headers: { Authorization: `Bearer ${key}` },
  });
  expect(answer.status).toBe(200);
  return answer.arrayBuffer();
}

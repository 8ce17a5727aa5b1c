import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { ExecutionDetail } from "../../src/executions/inputs.ts";
import type { Client } from "./accounts.ts";
import { answerAsOpenAi } from "./model.ts";

const PATIENCE_MS = 4_000;

/** Starts an execution over the API and answers its id. */
export async function execute(account: Client, workflowId: string, body: object = {}): Promise<string> {
  const answer = await account.send<{ executionId: string }>("POST", `/api/workflows/${workflowId}/execute`, body);
  if (answer.status !== 202) throw new Error(`execute answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.executionId;
}

/** Waits, not for ever, until an execution that the real queue runs has ended, and answers it. */
export async function ended(account: Client, executionId: string): Promise<ExecutionDetail> {
  return vi.waitFor(
    async () => {
      const { status, body } = await account.send<ExecutionDetail>("GET", `/api/executions/${executionId}`);
      if (status !== 200) throw new Error(`execution ${executionId} answered ${status}`);
      if (body.completedAt === null) throw new Error(`execution ${executionId} is still ${body.status}`);
      return body;
    },
    { timeout: PATIENCE_MS, interval: 20 },
  );
}

const LIVE = "status IN ('queued', 'running')";

/** Waits until no execution is under way: the next test must not find this one's calls among its own. */
export async function settled(): Promise<void> {
  try {
    await vi.waitFor(
      async () => {
        const live = await env.DB.prepare(`SELECT count(*) AS n FROM executions WHERE ${LIVE}`).first("n");
        if (live !== 0) throw new Error(`${live} executions are still under way`);
      },
      { timeout: PATIENCE_MS, interval: 20 },
    );
  } catch (error) {
    // One test that leaves an execution behind fails alone, and not with it all that follow.
    await env.DB.prepare(`UPDATE executions SET status = 'cancelled' WHERE ${LIVE}`).run();
    throw error;
  }
}

const held = new Set<() => void>();

/** A model that keeps every call waiting until it is let go: `letGo()` of its own, or {@link letAllGo}. */
export function heldModel() {
  const { promise, resolve } = Promise.withResolvers<void>();
  held.add(resolve);
  const calls = answerAsOpenAi(async () => {
    await promise;
    return { text: "at last" };
  });
  return { calls, letGo: resolve };
}

/** For `afterEach`: the queue delivers one batch at a time, so that one call left waiting would stop all later tests. */
export function letAllGo(): void {
  for (const resolve of held) resolve();
  held.clear();
}

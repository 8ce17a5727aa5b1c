import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { askGate } from "./ask-gate.ts";
import { firstOf } from "./deliveries.ts";
import type { Door } from "./door.ts";
import type { FoundWebhook } from "./find-webhook.ts";
import type { Decision } from "./rules/sliding-window.ts";
import { takingAlong } from "./settlements.ts";

/** How long the gate lets a copy wait for the first one, look by look: five seconds in all. */
const WAITS_MS = [0, 50, 150, 300, 500, 1_000, 1_500, 1_500];

/** What a call that may come in is decided to be. A delivery that is being worked on stays `pending`. */
export type Admission = Exclude<Decision, { kind: "unsettled" }>;

/**
 * Asks the gate whether a call is let in. Where the gate has not been told how an earlier call ended, the database
 * knows: it is asked what a pending delivery started, and which executions of lost reservations are written.
 */
export async function admitCall(
  door: Door,
  ctx: Ctx,
  webhook: FoundWebhook,
  { executionId, deliveryId }: { executionId: string; deliveryId: string | null },
): Promise<Admission> {
  const ask = (waitMs: number) =>
    takingAlong(door, webhook.id, (along) =>
      askGate(door.gates, webhook.id, (gate) =>
        gate.reserve({ executionId, deliveryId, ...webhook.rate, now: ctx.clock.now(), waitMs }, along),
      ),
    );
  let last: Decision | undefined;
  for (const waitMs of WAITS_MS) {
    last = await ask(waitMs);
    if (last.kind === "unsettled") await settleLost(door, ctx, webhook.id, last.executionIds);
    else if (last.kind !== "pending" || deliveryId === null) return last;
    else {
      const first = await firstOf(ctx, webhook.id, deliveryId);
      if (first !== null) return { ...last, kind: "duplicate", executionId: first };
    }
  }
  if (last?.kind === "pending") return last;
  throw new Error(`the reservations of webhook ${webhook.id} cannot be settled`);
}

const idSchema = z.array(z.object({ id: z.string() }));

/** Whoever reserved these was cut off before saying how it went. Those that are written count, the others do not. */
async function settleLost(
  { gates }: Door,
  ctx: Ctx,
  webhookId: string,
  executionIds: readonly string[],
): Promise<void> {
  const written = await writtenOf(ctx, executionIds);
  const released = executionIds.filter((id) => !written.has(id));
  await askGate(gates, webhookId, (gate) => gate.settle({ confirmed: [...written], released, calls: [] }));
}

/** Which of some executions are there. */
export async function writtenOf(ctx: Ctx, executionIds: readonly string[]): Promise<Set<string>> {
  const { results } = await retryTransient(() =>
    ctx.db.d1
      .prepare("SELECT id FROM executions WHERE workspace_id = ?1 AND id IN (SELECT value FROM json_each(?2))")
      .bind(ctx.workspaceId, JSON.stringify(executionIds))
      .run(),
  );
  return new Set(idSchema.parse(results).map(({ id }) => id));
}

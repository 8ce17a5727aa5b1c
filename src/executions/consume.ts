import { z } from "zod";
import { errorText } from "../core/errors.ts";
import { advance } from "./advance.ts";
import type { Engine } from "./engine.ts";
import { failAbandoned } from "./fail-abandoned.ts";
import { stepMessageSchema } from "./message.ts";

/** Seconds until a message comes again whose handling crashed. */
const CRASH_DELAY_SECONDS = 5;

/** What another feature has sent itself over this queue: its work, or `undefined` for what is none of its messages. */
export type OtherWork = (engine: Engine, body: unknown) => Promise<void> | undefined;

const noOther: OtherWork = () => undefined;

/**
 * Works on a batch of step messages side by side. A message is acknowledged once what it asked for is written; one
 * whose handling crashed comes again, and after that goes to the dead-letter queue.
 */
export async function consumeSteps(
  engine: Engine,
  batch: MessageBatch<unknown>,
  other: OtherWork = noOther,
): Promise<void> {
  const begunAt = engine.clock.now();
  await each(engine, batch, (body) => other(engine, body) ?? advance(engine, stepMessageSchema.parse(body), begunAt));
}

/**
 * Acknowledges a batch at once and works on its messages after that, each on an engine of its own: a database counts
 * the queries of one message's chain. For the local queue only, which hands over no batch before the last one has
 * returned: there a chain of slow calls would keep back the other branches of its fork and every other execution.
 * Nothing is lost by the early acknowledgement, because the steps table is the outbox. A message whose handling
 * crashed is sent again.
 */
export function consumeDetached(
  openEngine: () => Engine,
  batch: MessageBatch<unknown>,
  waitUntil: (work: Promise<unknown>) => void,
  other: OtherWork = noOther,
): void {
  batch.ackAll();
  for (const message of batch.messages) waitUntil(workOn(openEngine(), batch.queue, message, other));
}

async function workOn(engine: Engine, queue: string, { id, body }: Message<unknown>, other: OtherWork): Promise<void> {
  const work = other(engine, body);
  if (work) return work;
  const parsed = stepMessageSchema.safeParse(body);
  if (!parsed.success) {
    engine.log.log("error", "Engine", `message ${id} names no step: ${errorText(parsed.error)}`, { queue });
    return;
  }
  try {
    await advance(engine, parsed.data, engine.clock.now());
  } catch (error) {
    const about = { ...stepOf(body), queue };
    engine.log.log("error", "Engine", `message ${id} failed: ${errorText(error)}`, about);
    await engine.send([parsed.data], CRASH_DELAY_SECONDS);
  }
}

/**
 * Ends the steps of messages that could not be handled, unless somebody works on them all the same. Other features'
 * messages are let go: what they were to do stands in the database, and the next cron takes it up.
 */
export async function consumeDeadLetters(engine: Engine, batch: MessageBatch<unknown>): Promise<void> {
  await each(engine, batch, async (body) => {
    const parsed = stepMessageSchema.safeParse(body);
    if (!parsed.success) {
      engine.log.log("error", "Engine", `a dead letter that names no step is dropped: ${kindOf(body)}`);
      return;
    }
    await failAbandoned(engine, parsed.data, {
      code: "dead_letter",
      message:
        "The step could not be worked on: its message failed every time it was delivered. The log has the cause; retry the execution once it is mended.",
    });
  });
}

const kindSchema = z.object({ kind: z.string().max(32) });

/** What a message calls itself. Nothing else of one is logged: it may hold what nobody is to read. */
function kindOf(body: unknown): string {
  const parsed = kindSchema.safeParse(body);
  return parsed.success ? parsed.data.kind : "of no kind";
}

/** What step a message is about, for the log; nothing when it is another feature's. */
function stepOf(body: unknown): { executionId?: string; nodeId?: string } {
  const { data } = stepMessageSchema.safeParse(body);
  return data === undefined ? {} : { executionId: data.executionId, nodeId: data.nodeId };
}

async function each(
  engine: Engine,
  batch: MessageBatch<unknown>,
  handle: (body: unknown) => Promise<void>,
): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await handle(message.body);
        message.ack();
      } catch (error) {
        engine.log.log("error", "Engine", `message ${message.id} failed: ${errorText(error)}`, {
          ...stepOf(message.body),
          queue: batch.queue,
          attempts: message.attempts,
        });
        message.retry({ delaySeconds: CRASH_DELAY_SECONDS });
      }
    }),
  );
}

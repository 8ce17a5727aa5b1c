import { errorText } from "../core/errors.ts";
import { askGate } from "./ask-gate.ts";
import type { Door } from "./door.ts";
import { type RecordedCall, RING, ringOf } from "./gate-calls.ts";
import { Later } from "./later.ts";

/** Characters of payloads that wait to be written: an isolate has 128 MB for everything. */
const MAX_WAITING = 8_000_000;

type Port = Pick<Door, "engine" | "gates">;

interface Gathered {
  confirmed: string[];
  admitted: RecordedCall[];
  refused: RecordedCall[];
}

const gathered = new Map<string, Gathered>();
const later = new Later();
let waiting = 0;

/**
 * Tells a webhook's gate that the execution of a reserved call is written, up to a second later and together with the
 * others of this isolate. Nothing hangs on it: when the isolate is lost before, the reservation runs out, and the gate
 * has the next caller look in D1 before it decides.
 */
export function confirmCall(port: Port, webhookId: string, executionId: string): void {
  ofWebhook(webhookId).confirmed.push(executionId);
  later.ask(port.engine, () => writeAll(port));
}

/** Has a call written down, up to a second later. Only those are that the gate would still show by then. */
export function keepCall(port: Port, webhookId: string, call: RecordedCall): void {
  const ring = ofWebhook(webhookId)[ringOf(call)];
  ring.push(call);
  const pushedOut = ring.length > RING ? ring.shift() : undefined;
  waiting += (call.payload?.length ?? 0) - (pushedOut?.payload?.length ?? 0);
  if (waiting > MAX_WAITING) port.engine.background(writeAll(port));
  else later.ask(port.engine, () => writeAll(port));
}

function ofWebhook(webhookId: string): Gathered {
  const known = gathered.get(webhookId) ?? { confirmed: [], admitted: [], refused: [] };
  gathered.set(webhookId, known);
  return known;
}

async function writeAll({ engine, gates }: Port): Promise<void> {
  const all = [...gathered];
  gathered.clear();
  waiting = 0;
  await Promise.all(
    all.map(async ([webhookId, { confirmed, admitted, refused }]) => {
      try {
        const calls = [...admitted, ...refused];
        await askGate(gates, webhookId, (gate) => gate.settle({ confirmed, released: [], calls }));
      } catch (error) {
        engine.log.log("warn", "Webhook", `calls were not recorded: ${errorText(error)}`, {
          webhookId,
          calls: confirmed.length,
        });
      }
    }),
  );
}

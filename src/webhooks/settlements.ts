import { errorText } from "../core/errors.ts";
import { askGate } from "./ask-gate.ts";
import type { Door } from "./door.ts";
import { type RecordedCall, RING, ringOf } from "./gate-calls.ts";
import { Later } from "./later.ts";
import type { Settlement } from "./webhook-gate.ts";

/** Characters of payloads that wait to be written: an isolate has 128 MB for everything. */
const MAX_WAITING = 8_000_000;
/** Characters of payloads that a call takes along to the gate: its caller waits for that. */
const MAX_TAKEN_ALONG = 32_000;

/** How often is looked for what no call took along, and how long that is waited for. */
const GATHERED_MS = 500;
/** Behind a request work may go on for 30 seconds: then all is written, and the next call begins anew. */
const MAX_ROUNDS = 20;

type Port = Pick<Door, "gates"> & { engine: Pick<Door["engine"], "clock" | "sleep" | "background" | "log"> };

interface Gathered {
  /** Epoch milliseconds. */
  since: number;
  confirmed: string[];
  admitted: RecordedCall[];
  refused: RecordedCall[];
  /** Whether a question that took it along has failed: no further caller is to suffer for it. */
  failed: boolean;
}

const gathered = new Map<string, Gathered>();
const later = new Later(GATHERED_MS);
let waiting = 0;

/**
 * Tells a webhook's gate that the execution of a reserved call is written, up to a second later and together with its
 * others of this isolate. Nothing hangs on it: when the isolate is lost before, the reservation runs out, and the gate
 * has the next caller look in D1 before it decides.
 */
export function confirmCall(port: Port, webhookId: string, executionId: string): void {
  ofWebhook(port, webhookId).confirmed.push(executionId);
  later.ask(port.engine, () => writeOld(port));
}

/** Has a call written down, up to a second later. Only those are that the gate would still show by then. */
export function keepCall(port: Port, webhookId: string, call: RecordedCall): void {
  add(ofWebhook(port, webhookId)[ringOf(call)], call);
  if (waiting > MAX_WAITING) port.engine.background(writeAll(port));
  else later.ask(port.engine, () => writeOld(port));
}

/**
 * Has the next question to a webhook's gate take along what is gathered for it, so that a webhook that is called all the
 * time makes no trips and no durable writes of its own for that. When `ask` throws it is gathered again, for a trip of its
 * own, as it is for long payloads.
 */
export async function takingAlong<Answer>(
  port: Port,
  webhookId: string,
  ask: (along: Settlement | null) => Promise<Answer>,
): Promise<Answer> {
  const taken = gathered.get(webhookId);
  if (taken === undefined || taken.failed || charactersOf(taken) > MAX_TAKEN_ALONG) return ask(null);
  forget(webhookId, taken);
  const asking = ask(settlementOf(taken)).catch((error: unknown) => {
    putBack(port, webhookId, taken);
    throw error;
  });
  // A caller who hangs up must not take along what is others': for them the question goes on behind its back.
  port.engine.background(Promise.allSettled([asking]).then(() => undefined));
  return asking;
}

/** In front of what came since: those are the ones that a gate would still show. */
function putBack(port: Port, webhookId: string, taken: Gathered): void {
  const since = gathered.get(webhookId);
  if (since !== undefined) forget(webhookId, since);
  const again = ofWebhook(port, webhookId);
  again.failed = true;
  const { confirmed, admitted, refused } = again;
  confirmed.push(...taken.confirmed, ...(since?.confirmed ?? []));
  for (const call of [...taken.admitted, ...(since?.admitted ?? [])]) add(admitted, call);
  for (const call of [...taken.refused, ...(since?.refused ?? [])]) add(refused, call);
  later.ask(port.engine, () => writeOld(port));
}

function add(ring: RecordedCall[], call: RecordedCall): void {
  ring.push(call);
  const pushedOut = ring.length > RING ? ring.shift() : undefined;
  waiting += (call.payload?.length ?? 0) - (pushedOut?.payload?.length ?? 0);
}

function settlementOf({ confirmed, admitted, refused }: Gathered): Settlement {
  return { confirmed, released: [], calls: [...admitted, ...refused] };
}

function charactersOf({ admitted, refused }: Gathered): number {
  return [...admitted, ...refused].reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0);
}

function ofWebhook({ engine }: Port, webhookId: string): Gathered {
  const known = gathered.get(webhookId) ?? {
    since: engine.clock.now(),
    confirmed: [],
    admitted: [],
    refused: [],
    failed: false,
  };
  gathered.set(webhookId, known);
  return known;
}

/** What no call took along in time. Young ones are looked at again, since perhaps no call is left to ask for that. */
async function writeOld(port: Port, round = 1): Promise<void> {
  if (round >= MAX_ROUNDS) return writeAll(port);
  const now = port.engine.clock.now();
  // By a clock that was set back they would be young for as long as that.
  const old = [...gathered].filter(([, { since }]) => now < since || now >= since + GATHERED_MS);
  for (const [webhookId, one] of old) forget(webhookId, one);
  if (gathered.size > 0) later.ask(port.engine, () => writeOld(port, round + 1));
  await Promise.all(old.map(([webhookId, one]) => write(port, webhookId, one)));
}

function forget(webhookId: string, one: Gathered): void {
  gathered.delete(webhookId);
  waiting -= charactersOf(one);
}

async function writeAll(port: Port): Promise<void> {
  const all = [...gathered];
  gathered.clear();
  waiting = 0;
  await Promise.all(all.map(([webhookId, one]) => write(port, webhookId, one)));
}

async function write({ engine, gates }: Port, webhookId: string, one: Gathered): Promise<void> {
  try {
    await askGate(gates, webhookId, (gate) => gate.settle(settlementOf(one)));
  } catch (error) {
    engine.log.log("warn", "Webhook", `calls were not recorded: ${errorText(error)}`, {
      webhookId,
      calls: one.confirmed.length,
    });
  }
}

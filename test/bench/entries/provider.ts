import { startBenchWorker } from "../bench-worker.ts";
import { compared, type Figures, median, repeat } from "../figure.ts";

const CALLS = 100;
const ROUNDS = 9;

/**
 * What a call costs through breaker, chain and adapter, and with its row in the ledger on top, to a provider that answers
 * at once. The control is the same call by the provider's own SDK, from the same Worker to the same stand-in. Timed from
 * outside: a Worker's clock stands still while it computes. The ledger's batch is one of its own here; in an execution it
 * travels with the end of the step.
 */
export async function provider(): Promise<Figures> {
  const worker = await startBenchWorker("provider");
  try {
    const msPerCall = async (way: "chain" | "ledger" | "raw") => {
      const beganAt = performance.now();
      const { status } = await fetch(`${worker.url}/api/${way}?times=${CALLS}`);
      if (status !== 204) throw new Error(`The calls by ${way} ended with ${status}.`);
      return (performance.now() - beganAt) / CALLS;
    };
    const measure = async () => {
      const value = await msPerCall("chain");
      const written = await msPerCall("ledger");
      return { value, written, control: await msPerCall("raw") };
    };
    // The first round loads the SDKs and starts the breaker.
    await measure();
    const pairs = await repeat(ROUNDS, measure);
    const overheads = pairs.map(({ value, control }) => value - control);
    const withLedger = pairs.map(({ written, control }) => written - control);
    const control = median(pairs.map((pair) => pair.control));
    const besideCall = (extra: readonly number[]) => {
      const value = median(extra);
      return { value, unit: "ms a call on top of the SDK's (control)", control, ratio: value / control };
    };
    return {
      "provider.call_ms": compared(pairs, "ms a call"),
      "provider.overhead_ms": { ...besideCall(overheads), aim: "<= 1" },
      "provider.with_ledger_ms": { ...besideCall(withLedger), aim: "<= 5" },
    };
  } finally {
    await worker.stop();
  }
}

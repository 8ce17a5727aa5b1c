import { z } from "zod";
import { pause } from "./figure.ts";

const EVERY_MS = 5;

const targetsSchema = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.string() }));
const usageSchema = z.object({
  id: z.number(),
  result: z.object({ usedSize: z.number(), backingStorageSize: z.number() }),
});

/** Watches the memory of one Worker's isolate. */
export interface HeapWatch {
  /** The most that was seen, in bytes. */
  readonly peak: number;
  stop(): void;
}

/**
 * Asks the inspector for the isolate's heap again and again: objects that are alive or not yet collected, and the bytes
 * behind its buffers. V8's own numbers, sampled every few milliseconds and between turns of the event loop, with
 * whatever garbage there is: what an isolate of 128 MB is held to.
 *
 * @param worker the Worker's name, by which its isolate is found among the runtime's
 */
export async function watchHeap(inspector: URL, worker: string): Promise<HeapWatch> {
  const targets = targetsSchema.parse(
    await (await fetch(new URL("/json", inspector.href.replace(/^ws/, "http")))).json(),
  );
  const target = targets.find(({ id }) => id === `core:user:${worker}`);
  if (!target) throw new Error(`No isolate is called ${worker}: there are ${targets.map(({ id }) => id).join(", ")}.`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("The inspector does not answer.")), { once: true });
  });
  let peak = 0;
  let ended = false;
  let answered: (() => void) | undefined;
  socket.addEventListener("message", ({ data }) => {
    const { data: usage } = usageSchema.safeParse(JSON.parse(String(data)));
    if (!usage) return;
    peak = Math.max(peak, usage.result.usedSize + usage.result.backingStorageSize);
    answered?.();
  });
  const ask = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answered = resolve;
    socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
    await promise;
  };
  // What stands around from before is none of what is measured. Not waited for: it is done when the isolate next runs.
  socket.send(JSON.stringify({ id: 0, method: "HeapProfiler.collectGarbage" }));
  const sampling = async () => {
    while (!ended) {
      await ask();
      await pause(EVERY_MS);
    }
    socket.close();
  };
  void sampling();
  return {
    get peak() {
      return peak;
    },
    stop() {
      ended = true;
    },
  };
}

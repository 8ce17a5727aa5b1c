import { z } from "zod";
import { type BenchWorker, type BenchWorkerOptions, startBenchWorker } from "./bench-worker.ts";

const usageSchema = z.object({
  roundTrips: z.number(),
  queries: z.number(),
  rowsRead: z.number(),
  rowsWritten: z.number(),
});
export type Usage = z.infer<typeof usageSchema>;

const invocationSchema = z.object({
  kind: z.enum(["fetch", "queue", "scheduled"]),
  path: z.string().nullable(),
  atCalls: z.array(usageSchema),
  total: usageSchema,
});
/** What one invocation of the Worker asked of D1: in all, and up to each call to a provider. */
export type Invocation = z.infer<typeof invocationSchema>;

/** The Worker with a meter at its database. */
export interface MeteredInstance extends BenchWorker {
  /** The invocations since this was last asked, in the order in which they began. */
  invocations(): Promise<Invocation[]>;
}

/** Builds the metered Worker and starts it. Throws with the tool's output when that fails. */
export async function startMeteredInstance(options?: BenchWorkerOptions): Promise<MeteredInstance> {
  const worker = await startBenchWorker("metered", options);
  return {
    ...worker,
    invocations: async () =>
      z.array(invocationSchema).parse(await (await fetch(`${worker.url}/api/bench/usage`)).json()),
  };
}

import type { Miniflare, V4WorkerOptions } from "miniflare";
import { z } from "zod";

/** The doors to a local instance that no request from outside goes through. */
export interface Backstage {
  /** Fires the Worker's cron once and waits for it. Throws when the handler failed. */
  scheduled(at: Date): Promise<void>;
  /** Asks the database directly, and answers how many bytes it takes up as well. */
  query(sql: string, params: readonly (string | number | null)[]): Promise<QueryAnswer>;
}

const answerSchema = z.object({
  results: z.array(z.record(z.string(), z.unknown())),
  meta: z.object({ size_after: z.number() }),
});
export type QueryAnswer = z.infer<typeof answerSchema>;

const NAME = "backstage";

/**
 * The Worker behind {@link openBackstage}, for the list of Miniflare's workers. Miniflare's own ways in wait without
 * letting Node do anything else: a Worker that meanwhile writes more log than a pipe holds then waits for Node to read
 * it, and both wait for ever. A Worker of one's own is asked by `fetch`, which does not.
 */
export function backstageWorker(workerName: string, databaseId: string): V4WorkerOptions {
  return {
    name: NAME,
    modules: true,
    script: SCRIPT,
    compatibilityDate: "2026-01-01",
    compatibilityFlags: ["service_binding_extra_handlers"],
    serviceBindings: { WORKER: workerName },
    d1Databases: { DB: databaseId },
  };
}

const SCRIPT = `export default {
  async fetch(request, env) {
    const asked = await request.json();
    if (asked.at !== undefined) {
      return Response.json(await env.WORKER.scheduled({ cron: "* * * * *", scheduledTime: new Date(asked.at) }));
    }
    try {
      return Response.json(await env.DB.prepare(asked.sql).bind(...asked.params).all());
    } catch (error) {
      return new Response(String(error), { status: 400 });
    }
  },
};`;

/** Opens the doors of an instance that has {@link backstageWorker} among its workers. */
export function openBackstage(miniflare: Miniflare): Backstage {
  const ask = async (body: unknown): Promise<unknown> => {
    const worker = await miniflare.getWorker(NAME);
    const answer = await worker.fetch("http://backstage/", { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  return {
    scheduled: async (at) => {
      const { outcome } = outcomeSchema.parse(await ask({ at: at.getTime() }));
      if (outcome !== "ok") throw new Error(`The scheduled handler ended with "${outcome}". See its log.`);
    },
    query: async (sql, params) => answerSchema.parse(await ask({ sql, params })),
  };
}

const outcomeSchema = z.object({ outcome: z.string() });

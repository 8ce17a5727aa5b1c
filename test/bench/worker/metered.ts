import { type DbUsage, metered } from "../../../src/db/metered.ts";
import type { Env } from "../../../src/env.ts";
import swarm from "../../../src/index.ts";
import { copyBare } from "./bare-copy.ts";
import { dispatchBare } from "./bare-dispatch.ts";

// The Durable Object classes, whichever there are: wrangler.toml names them.
export * from "../../../src/index.ts";

/** The Worker as it is, with a meter at its database, and the controls beside it. It is built for the bench alone and never deployed. */
interface Invocation {
  kind: "fetch" | "queue" | "scheduled";
  path: string | null;
  /** What had been asked of D1 when each call to a provider began. */
  atCalls: DbUsage[];
  /** What was asked in all. Work that goes on behind the answer still adds to it. */
  total: DbUsage;
}

let invocations: Invocation[] = [];

/** The one that calls providers. The bench runs one execution after another, and a chain is one invocation. */
let working: Invocation | undefined;

const send = globalThis.fetch;
globalThis.fetch = (...request: Parameters<typeof fetch>) => {
  working?.atCalls.push({ ...working.total });
  return send(...request);
};

function begin(env: Env, kind: Invocation["kind"], path: string | null): Env {
  const total = { roundTrips: 0, queries: 0, rowsRead: 0, rowsWritten: 0 };
  const invocation = { kind, path, atCalls: [], total };
  invocations.push(invocation);
  if (kind === "queue") working = invocation;
  return { ...env, DB: metered(env.DB, total) };
}

export default {
  async fetch(request, env, context) {
    const { pathname: path, searchParams } = new URL(request.url);
    if (path === "/api/bench/dispatch") return Response.json(await dispatchBare(env, Number(searchParams.get("now"))));
    if (path === "/api/bench/copy") {
      return Response.json(await copyBare(env, searchParams.get("from") ?? "", searchParams.get("to")));
    }
    if (path !== "/api/bench/usage") return swarm.fetch(request, begin(env, "fetch", path), context);
    const seen = invocations;
    invocations = [];
    return Response.json(seen);
  },
  queue(batch, env, context) {
    return swarm.queue(batch, begin(env, "queue", null), context);
  },
  scheduled(controller, env, context) {
    return swarm.scheduled(controller, begin(env, "scheduled", null), context);
  },
} satisfies ExportedHandler<Env>;

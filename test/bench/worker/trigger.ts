import type { Env } from "../../../src/env.ts";
import swarm from "../../../src/index.ts";

// The Durable Object classes, whichever there are: wrangler.toml names them.
export * from "../../../src/index.ts";

/**
 * The Worker without its consumer: what is started is not worked on, so that what is measured is the door and not what
 * goes on behind it. It is built for the bench alone and never deployed.
 */
export default {
  fetch: swarm.fetch,
  queue(batch) {
    batch.ackAll();
  },
} satisfies ExportedHandler<Env>;

import { api } from "./api.ts";
import type { Env } from "./env.ts";
import type { StepMessage } from "./executions/index.ts";

export { LiveFeed } from "./executions/live-feed.ts";

export default {
  fetch: api.fetch,
} satisfies ExportedHandler<Env, StepMessage>;

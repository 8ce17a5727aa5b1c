import { hc } from "hono/client";
import type { Api } from "./api.ts";

export { type Capability, can, type Role } from "./auth/roles.ts";
export type { LiveEvent } from "./executions/live-events.ts";
export { cronFault } from "./schedules/rules/cron-fault.ts";

const typed = hc<Api>("");

/** The API's typed client: every path, body and answer as the server declares it. */
export type ApiClient = typeof typed;

/** A client for the API at `baseUrl` (an origin, without `/api`). Cookies go along. */
export function createApiClient(baseUrl: string, options: Parameters<typeof hc>[1] = {}): ApiClient {
  return hc<Api>(baseUrl, options);
}

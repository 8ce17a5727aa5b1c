import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

/** One per workspace: the WebSockets of everyone who watches it. */
export class LiveFeed extends DurableObject<Env> {}

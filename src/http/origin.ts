import type { Context } from "hono";
import { settingsOf } from "../env.ts";
import type { AppEnv } from "./app.ts";

/** Where people reach this installation: `PUBLIC_URL`, else the origin that this request was sent to. */
export function publicOrigin(c: Context<AppEnv>): string {
  const { PUBLIC_URL } = settingsOf(c.env);
  return PUBLIC_URL === undefined ? new URL(c.req.url).origin : new URL(PUBLIC_URL).origin;
}

/** The origins whose pages may send changing requests with a cookie. */
export function ownOrigins(c: Context<AppEnv>): string[] {
  return [new URL(c.req.url).origin, publicOrigin(c)];
}

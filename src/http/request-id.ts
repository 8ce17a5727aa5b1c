import { createMiddleware } from "hono/factory";
import { v7 } from "uuid";
import type { AppEnv } from "./app.ts";

/** Gives every request an id of our own making, which the log and the error envelope share. */
export const requestId = createMiddleware<AppEnv>(async (c, next) => {
  const id = v7();
  c.set("requestId", id);
  await next();
  c.header("X-Request-Id", id);
});

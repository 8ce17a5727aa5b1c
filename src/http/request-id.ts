import { createMiddleware } from "hono/factory";
import { v7 } from "uuid";
import { systemClock } from "../core/clock.ts";
import { openLog } from "../core/log.ts";
import { logSampleOf } from "../env.ts";
import type { AppEnv } from "./app.ts";

/**
 * Gives every request an id of our own making, which the error envelope and all its lines in the log share, and writes
 * one line about it: the platform's own would hold the whole address, and with it the secrets of webhooks.
 */
export const requestId = createMiddleware<AppEnv>(async (c, next) => {
  const id = v7();
  const log = openLog({ requestId: id, samplePercent: logSampleOf(c.env) });
  c.set("requestId", id);
  c.set("log", log);
  const begunAt = systemClock.now();
  await next();
  c.header("X-Request-Id", id);
  log.log("debug", "Api", "answered", {
    method: c.req.method,
    path: c.req.path,
    status: c.res.status,
    durationMs: systemClock.now() - begunAt,
  });
});

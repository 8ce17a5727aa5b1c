import { createRoute, z } from "@hono/zod-openapi";
import { standingTo } from "../auth/index.ts";
import { errorText } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { openDb } from "../db/client.ts";
import { settingsOf } from "../env.ts";
import { jsonAnswer } from "./answers.ts";
import { createRouter } from "./app.ts";

const healthSchema = z
  .object({
    status: z.enum(["ok", "degraded"]),
    version: z.string(),
    database: z.enum(["ok", "unreachable"]),
    /** True while a local stand-in answers for the providers. */
    simulatedProviders: z.boolean(),
    /** True until somebody has signed up: the first account will own the installation. */
    unclaimed: z.boolean(),
    /** True while that first account has to bring the setup token of the deployment. */
    setupTokenNeeded: z.boolean(),
  })
  .openapi("Health");

const health = createRoute({
  method: "get",
  path: "/health",
  tags: ["System"],
  summary: "Whether the installation answers, and its database",
  security: [],
  responses: {
    200: jsonAnswer(healthSchema, "All is well"),
    503: jsonAnswer(healthSchema, "The database does not answer"),
  },
});

export const healthRoutes = createRouter().openapi(health, async (c) => {
  const { SIMULATED_PROVIDERS: simulatedProviders, SETUP_TOKEN } = settingsOf(c.env);
  try {
    const unclaimed = (await c.env.DB.prepare("SELECT NOT EXISTS (SELECT 1 FROM users)").raw())[0]?.[0] === 1;
    const setupTokenNeeded = SETUP_TOKEN !== undefined && (await standingTo({ db: openDb(c.env.DB) }, null)) === "free";
    const well = { status: "ok" as const, version: VERSION, database: "ok" as const };
    return c.json({ ...well, simulatedProviders, unclaimed, setupTokenNeeded }, 200);
  } catch (error) {
    c.var.log.log("error", "Health", errorText(error));
    return c.json(
      {
        status: "degraded" as const,
        version: VERSION,
        database: "unreachable" as const,
        simulatedProviders,
        unclaimed: false,
        setupTokenNeeded: false,
      },
      503,
    );
  }
});

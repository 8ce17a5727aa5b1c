import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Identity, Role } from "../auth/index.ts";
import { DomainError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Ctx } from "../db/context.ts";
import type { Env } from "../env.ts";
import { detailsOf } from "./validation.ts";

/** What hangs on a request on its way through the API. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Has the request's id in every line. */
    log: Logger;
    /** Set by `requires(...)`: a handler behind it works for this workspace. */
    ctx: Ctx;
    /** Set by `requires(...)`: what the caller may do in the workspace. */
    role: Role;
    /** Set by `requires(...)`: by what right the caller may do it. */
    identity: Identity;
    /** Set by a route whose contract wants more beside `error` in the envelope. */
    besideError?: { success: false };
  };
}

/**
 * A router whose routes validate with zod and stand in the OpenAPI document. A request that does not fit
 * is thrown as `invalid_fields`, so that no validation answer leaks into the routes' types.
 */
export function createRouter() {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) {
        throw new DomainError("invalid_fields", "Some fields do not fit. See details for each.", {
          details: detailsOf(result.error.issues),
        });
      }
    },
  });
}

/** The error envelope, as a schema for the OpenAPI document. */
export const errorSchema = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.array(z.object({ path: z.string(), message: z.string() })),
      requestId: z.string(),
    }),
  })
  .openapi("Error");

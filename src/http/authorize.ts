import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import {
  type Capability,
  type Credentials,
  can,
  type Identity,
  identify,
  isSecure,
  noteKeyUse,
} from "../auth/index.ts";
import { systemClock } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { randomIds } from "../core/ids.ts";
import { openDb } from "../db/client.ts";
import { settingsOf } from "../env.ts";
import type { AppEnv } from "./app.ts";
import { jsonBody } from "./json-body.ts";
import { publicOrigin } from "./origin.ts";
import { refuseCrossSite } from "./same-site.ts";

const ids = randomIds(systemClock);

interface RequiresOptions {
  /** `raw` leaves the body to the handler: archives and forms. */
  body?: "json" | "raw";
}

/**
 * Lets a request through to its handler when its sender may do this: `middleware: requires("workflows.edit")`. Sets
 * `c.var.ctx`, `c.var.role` and `c.var.identity`. Refuses with `unauthenticated`, `forbidden` or `cross_site_request` before it looks
 * at the body, then reads the body as JSON.
 */
export function requires(capability: Capability, { body = "json" }: RequiresOptions = {}) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await authorize(c, capability);
    if (body === "raw") return next();
    return jsonBody(c, next);
  });
}

/** The check of {@link requires}, for a handler that must call it itself. */
export async function authorize(c: Context<AppEnv>, capability: Capability): Promise<Identity> {
  const credentials = credentialsOf(c);
  const identified = await identify(credentials);
  if (identified.status === "unknown") throw unauthenticated();
  if (identified.status === "no_workspace") {
    throw new DomainError(
      "no_workspace",
      "You are signed in and belong to no workspace. Open an invitation link, or ask an owner to add you.",
    );
  }
  const { identity, key } = identified;
  const noted = key && noteKeyUse({ db: credentials.db, log: c.var.log, now: credentials.now }, key);
  if (noted !== null) c.executionCtx.waitUntil(noted);
  if (identity.via.kind === "session") refuseCrossSite(c);
  if (!can(identity.role, capability)) {
    throw new DomainError(
      "forbidden",
      `This needs the capability ${capability}, which the role ${identity.role} does not have. Ask an owner of the workspace.`,
    );
  }
  c.set("identity", identity);
  c.set("role", identity.role);
  c.set("ctx", {
    db: credentials.db,
    clock: systemClock,
    ids,
    log: c.var.log,
    workspaceId: identity.workspaceId,
    userId: identity.userId,
  });
  return identity;
}

/** Whether the caller of a request that {@link requires} let through may do this as well. */
export function may(c: Context<AppEnv>, capability: Capability): boolean {
  return can(c.var.role, capability);
}

/** What `identify` needs of a request. Opens the database that the request goes on with. */
export function credentialsOf(c: Context<AppEnv>): Credentials {
  return {
    db: openDb(c.env.DB),
    headers: c.req.raw.headers,
    now: systemClock.now(),
    secret: settingsOf(c.env).AUTH_SECRET,
    secure: isSecure(publicOrigin(c)),
  };
}

/** The refusal for a request that nobody stands behind. */
export function unauthenticated(): DomainError {
  return new DomainError(
    "unauthenticated",
    "Sign in, or send an API key as `Authorization: Bearer swarm_...`. A key works until it expires, is deleted, or its maker leaves the workspace.",
  );
}

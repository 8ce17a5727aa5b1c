import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { isCrossSite, isForeign } from "../auth/index.ts";
import { DomainError } from "../core/errors.ts";
import type { AppEnv } from "./app.ts";
import { ownOrigins } from "./origin.ts";

/** Throws `cross_site_request` when another site's page sent this changing request. */
export function refuseCrossSite(c: Context<AppEnv>): void {
  if (isCrossSite({ method: c.req.method, ...sourceOf(c) }, ownOrigins(c))) throw crossSite();
}

/** Throws `cross_site_request` when another site's page opens a WebSocket, which is a GET. */
export function refuseForeignUpgrade(c: Context<AppEnv>): void {
  if (isForeign(sourceOf(c), ownOrigins(c))) throw crossSite();
}

/** {@link refuseCrossSite} for addresses that nobody is signed in at yet: signing in for somebody else is an attack too. */
export const sameSite = createMiddleware<AppEnv>(async (c, next) => {
  refuseCrossSite(c);
  await next();
});

function sourceOf(c: Context<AppEnv>) {
  return { fetchSite: c.req.header("Sec-Fetch-Site") ?? null, origin: c.req.header("Origin") ?? null };
}

function crossSite(): DomainError {
  return new DomainError(
    "cross_site_request",
    "This request was sent by a page of another site, so the session cookie does not count. Use an API key, or set PUBLIC_URL to the address that the dashboard is opened at.",
  );
}

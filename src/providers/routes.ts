import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { isoTime } from "../core/clock.ts";
import { DomainError, errorText } from "../core/errors.ts";
import { readPriceBook } from "../costs/index.ts";
import { settingsOf } from "../env.ts";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { ownerWorkspaceId } from "../http/installation.ts";
import { openBreakers } from "./breakers.ts";
import type { ProviderName } from "./contract.ts";
import { keyFor } from "./credentials-key.ts";
import { explainRoute } from "./explain-route.ts";
import { providersHealth } from "./health.ts";
import {
  explainSchema,
  explanationSchema,
  fallbackEventQuery,
  fallbackEventSchema,
  healthSchema,
  providerParams,
  providerSchema,
} from "./inputs.ts";
import { settingNameOf } from "./keys.ts";
import { listFallbackEvents } from "./list-fallback-events.ts";
import { listProviders } from "./list-providers.ts";
import { p50Of } from "./p50.ts";

const tags = ["Providers"];

const list = createRoute({
  method: "get",
  path: "/providers",
  tags,
  summary: "The providers, whether each is configured, and the models that are known of it",
  middleware: requires("workspace.read"),
  responses: { 200: jsonAnswer(pageSchema(providerSchema), "All of them") },
});

const health = createRoute({
  method: "get",
  path: "/providers/health",
  tags,
  summary: "How each configured provider does: breaker, failure rate, latency",
  middleware: requires("workspace.read"),
  responses: { 200: jsonAnswer(pageSchema(healthSchema), "All of them") },
});

const reset = createRoute({
  method: "post",
  path: "/providers/{provider}/reset",
  tags,
  summary: "Close a provider's breaker",
  middleware: requires("breakers.reset"),
  request: { params: providerParams },
  responses: { 200: jsonAnswer(healthSchema, "How it does now") },
});

const events = createRoute({
  method: "get",
  path: "/fallback-events",
  tags,
  summary: "Where steps left one target for another, newest first",
  middleware: requires("workspace.read"),
  request: { query: fallbackEventQuery },
  responses: { 200: jsonAnswer(pageSchema(fallbackEventSchema), "A page of events") },
});

const explain = createRoute({
  method: "post",
  path: "/route/explain",
  tags,
  summary: "The targets that an agent would try now, in order, each with why or why not",
  middleware: requires("workspace.read"),
  request: { body: jsonRequest(explainSchema) },
  responses: { 200: jsonAnswer(explanationSchema, "The targets") },
});

export const providerRoutes = createRouter()
  .openapi(list, async (c) => {
    const usableKey = usableKeyOf(c);
    const { db, workspaceId, clock } = c.var.ctx;
    const prices = await readPriceBook(db, workspaceId);
    const items = await listProviders(async (provider) => (await usableKey(provider)) !== null, prices, clock.now());
    return c.json({ items, nextCursor: null }, 200);
  })
  .openapi(health, async (c) => {
    const items = await providersHealth(breakersOf(c), c.var.ctx.workspaceId, usableKeyOf(c));
    return c.json({ items, nextCursor: null }, 200);
  })
  .openapi(reset, async (c) => {
    const { provider } = c.req.valid("param");
    const { workspaceId } = c.var.ctx;
    const key = await keyOf(c)(provider);
    if (key === null) throw notConfigured(provider);
    const breakers = breakersOf(c);
    await breakers.reset({ workspaceId, provider, credential: key.credential });
    const [now] = await providersHealth(breakers, workspaceId, async (each) => (each === provider ? key : null));
    if (!now) throw notConfigured(provider);
    return c.json(now, 200);
  })
  .openapi(events, async (c) => c.json(await listFallbackEvents(c.var.ctx, c.req.valid("query")), 200))
  .openapi(explain, async (c) => {
    const { db, workspaceId, clock, ids } = c.var.ctx;
    const breakers = breakersOf(c);
    const ports = {
      workspaceId,
      breakers,
      keyOf: keyOf(c),
      p50Of: (credential: string, target: { provider: ProviderName; model: string }) =>
        p50Of(breakers, { workspaceId, provider: target.provider, credential }, target.model),
      prices: await readPriceBook(db, workspaceId),
      now: clock.now(),
    };
    return c.json({ targets: await explainRoute(ports, c.req.valid("json").agent, ids.next()) }, 200);
  });

function keyOf(c: Context<AppEnv>) {
  const { db, clock, workspaceId } = c.var.ctx;
  const ctx = { db, clock, workspaceId, settings: settingsOf(c.env), ownerWorkspaceId: () => ownerWorkspaceId(db) };
  return (provider: ProviderName) => keyFor(ctx, provider);
}

/** For lists: one stored key that cannot be used must not hide the other providers. */
function usableKeyOf(c: Context<AppEnv>) {
  const find = keyOf(c);
  return async (provider: ProviderName) => {
    try {
      return await find(provider);
    } catch (error) {
      if (error instanceof DomainError && error.code === "credential_unusable") return null;
      throw error;
    }
  };
}

function breakersOf(c: Context<AppEnv>) {
  const { clock, log } = c.var.ctx;
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  return openBreakers(c.env.CIRCUIT_BREAKER, {
    clock,
    log,
    waitUntil,
    onChange: ({ workspaceId, provider }, state) => {
      log.log("warn", "Fallback", `the breaker of ${provider} is ${state} now`, { workspaceId });
      waitUntil(tellWatchers(c, workspaceId, { type: "breaker", provider, state, at: isoTime(clock.now()) }));
    },
  });
}

/** A feed that cannot be reached costs a log line and nothing else: what was asked for is done. */
async function tellWatchers(
  c: Context<AppEnv>,
  workspaceId: string,
  event: { type: "breaker"; provider: string; state: string; at: string },
): Promise<void> {
  try {
    await c.env.LIVE_FEED.getByName(workspaceId).publish([event]);
  } catch (error) {
    c.var.ctx.log.log("warn", "LiveFeed", `an event was not delivered: ${errorText(error)}`, { workspaceId });
  }
}

function notConfigured(provider: ProviderName): DomainError {
  return new DomainError(
    "provider_not_configured",
    `No key is set for ${provider}. Set ${settingNameOf(provider)}, or store a credential.`,
  );
}

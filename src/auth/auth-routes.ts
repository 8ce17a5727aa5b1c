import { eq } from "drizzle-orm";
import type { Context } from "hono";
import { z } from "zod";
import { systemClock } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { randomIds } from "../core/ids.ts";
import { openDb } from "../db/client.ts";
import { settingsOf } from "../env.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { jsonBody } from "../http/json-body.ts";
import { publicOrigin } from "../http/origin.ts";
import { sameSite } from "../http/same-site.ts";
import { detailsOf } from "../http/validation.ts";
import type { AccountsCtx } from "./accounts-ctx.ts";
import { type Auth, createAuth } from "./better-auth.ts";
import type { TryPlace } from "./counted-tries.ts";
import { signInInput, signUpInput } from "./inputs.ts";
import { judgeAuthPath } from "./rules/auth-paths.ts";
import { sessions } from "./schema.ts";
import { settle } from "./settle.ts";
import { admitTry, forgetTries } from "./sign-in-guard.ts";
import { admissionOf, admit } from "./sign-up.ts";

const ids = randomIds(systemClock);

/** What better-auth answers to a sign-up or a sign-in that went well. */
const signedInSchema = z.object({ token: z.string(), user: z.object({ id: z.string() }) });

/** What better-auth says when it refuses. */
const refusalSchema = z.looseObject({ code: z.string().optional(), message: z.string().optional() });

/** What verbs need that work before there is a workspace. */
export function accountsCtx(c: Context<AppEnv>): AccountsCtx {
  const openSignup = settingsOf(c.env).OPEN_SIGNUP;
  return { db: openDb(c.env.DB), clock: systemClock, ids, log: c.var.log, openSignup };
}

/** better-auth for this request, with `mayOwn` for the account that it makes. */
export function authOf(c: Context<AppEnv>, ctx: AccountsCtx, mayOwn?: boolean): Auth {
  return createAuth({
    ...ctx,
    ...(mayOwn === undefined ? {} : { mayOwn }),
    secret: settingsOf(c.env).AUTH_SECRET,
    baseUrl: publicOrigin(c),
  });
}

/** Where this request tries a password or a setup token from. */
function tryPlace(c: Context<AppEnv>): TryPlace {
  const { AUTH_SECRET, DETACHED_CONSUMER } = settingsOf(c.env);
  return { ip: c.req.header("CF-Connecting-IP") ?? null, secret: AUTH_SECRET, local: DETACHED_CONSUMER };
}

/**
 * better-auth's own addresses. They stay out of the OpenAPI document because their shapes are better-auth's; all of them
 * pass our check for forged requests and our list of open doors.
 */
export const betterAuthRoutes = createRouter()
  .post("/auth/sign-up/email", sameSite, jsonBody, async (c) => {
    const ctx = accountsCtx(c);
    const input = signUpInput.safeParse(await c.req.json());
    if (!input.success) {
      throw new DomainError("invalid_fields", "Some fields do not fit. See details for each.", {
        details: detailsOf(input.error.issues),
      });
    }
    const { invitation, setupToken, ...account } = input.data;
    const admission = await admissionOf(ctx, {
      invitation: invitation ?? undefined,
      setup: { ...tryPlace(c), expected: settingsOf(c.env).SETUP_TOKEN, given: setupToken ?? undefined },
    });
    const body = JSON.stringify(account);
    const response = await authOf(c, ctx, admission.mayOwn).handler(new Request(c.req.raw, { body }));
    if (!response.ok) return refusal(c, response);
    const { token, user } = signedInSchema.parse(await response.clone().json());
    await admit(ctx, admission, { userId: user.id, sessionToken: token });
    return response;
  })
  .post("/auth/sign-in/email", sameSite, jsonBody, async (c) => {
    const ctx = accountsCtx(c);
    const input = signInInput.safeParse(await c.req.raw.clone().json());
    const attempt = input.data && { ...tryPlace(c), email: input.data.email };
    // What does not fit is better-auth's to refuse: no password was tried.
    if (attempt) await admitTry(ctx, attempt);
    const response = await authOf(c, ctx).handler(c.req.raw);
    if (!response.ok) return refusal(c, response);
    if (attempt) await forgetTries(ctx, attempt);
    const { token, user } = signedInSchema.parse(await response.clone().json());
    await settle(ctx, user.id, eq(sessions.token, token));
    return response;
  })
  .post("/auth/change-password", sameSite, jsonBody, async (c) => {
    const ctx = accountsCtx(c);
    const auth = authOf(c, ctx);
    // Whoever took a session is kept from guessing the password that would make it last.
    const session = await auth.api.getSession({ headers: c.req.raw.headers });
    const attempt = session && { ...tryPlace(c), email: session.user.email };
    if (attempt) await admitTry(ctx, attempt);
    const response = await auth.handler(c.req.raw);
    if (!response.ok) return refusal(c, response);
    if (attempt) await forgetTries(ctx, attempt);
    return response;
  })
  .on(["GET", "POST"], "/auth/*", sameSite, jsonBody, async (c) => {
    const path = c.req.path.slice("/api/auth".length);
    const door = judgeAuthPath(path);
    if (door.kind === "unknown") {
      throw new DomainError("not_found", "There is nothing at this address. GET /api/docs lists what there is.");
    }
    if (door.kind === "refused") {
      throw new DomainError("forbidden", `Members and their roles are not managed here. Use ${door.instead} instead.`);
    }
    const response = await authOf(c, accountsCtx(c)).handler(c.req.raw);
    return response.ok ? response : refusal(c, response);
  });

/**
 * A refusal of better-auth in our envelope, with its own `code` and `message` beside it, where its clients look. What it
 * says of a fault on our side stays in the log.
 */
async function refusal(c: Context<AppEnv>, response: Response): Promise<Response> {
  const text = await response.text();
  if (response.status >= 500) {
    throw new Error(`better-auth answered ${response.status}`, { cause: new Error(text.slice(0, 500)) });
  }
  const { code = defaultCode(response.status), message = "better-auth refused this request." } = readRefusal(text);
  const headers = new Headers(response.headers);
  headers.set("Content-Type", "application/json");
  headers.delete("Content-Length");
  const retryAfter = response.headers.get("X-Retry-After");
  if (retryAfter !== null) headers.set("Retry-After", retryAfter);
  const error = { code: code.toLowerCase(), message, details: [], requestId: c.get("requestId") };
  return new Response(JSON.stringify({ error, code, message }), { status: response.status, headers });
}

function readRefusal(text: string): { code?: string | undefined; message?: string | undefined } {
  try {
    return refusalSchema.parse(JSON.parse(text));
  } catch (error) {
    // An empty or plain text is no fault of ours to report: the status says what it can.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

function defaultCode(status: number): string {
  if (status === 401) return "UNAUTHENTICATED";
  if (status === 403) return "FORBIDDEN";
  if (status === 404) return "NOT_FOUND";
  return status === 429 ? "RATE_LIMITED" : "MALFORMED_REQUEST";
}

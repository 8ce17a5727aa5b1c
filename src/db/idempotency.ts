import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import type { Ctx } from "./context.ts";
import { violatesUnique } from "./transient.ts";

export const IDEMPOTENCY_TTL_MS = 24 * 3_600_000;

/** A caller's promise that two requests with the same key are the same request. */
export interface IdempotencyKey {
  /** The endpoint, with its parameters. */
  route: string;
  key: string;
  /** SHA-256 of the body as it was understood. */
  bodyHash: string;
}

/** The key of a request, or `undefined` when its caller gave none. Throws `invalid_fields` for an unusable one. */
export async function idempotencyKey(
  route: string,
  header: string | undefined,
  body: unknown,
): Promise<IdempotencyKey | undefined> {
  if (header === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new DomainError(
      "invalid_fields",
      "Idempotency-Key takes 1 to 255 printable ASCII characters without spaces.",
      {
        details: [{ path: "Idempotency-Key", message: "1 to 255 printable ASCII characters" }],
      },
    );
  }
  return { route, key: header, bodyHash: await sha256Hex(JSON.stringify(body)) };
}

const storedSchema = z.object({ body_hash: z.string(), answer: z.string(), created_at: z.number() });

/**
 * What was answered to this key within a day, or `undefined`. Throws `idempotency_conflict` when the key was used
 * with another body: answering the first one's result would hide that the second was never carried out.
 */
export async function storedAnswer(ctx: Ctx, key: IdempotencyKey): Promise<unknown> {
  const { results } = await ctx.db.d1
    .prepare(
      "SELECT body_hash, answer, created_at FROM idempotency_keys WHERE workspace_id = ?1 AND route = ?2 AND key = ?3 AND created_at > ?4",
    )
    .bind(ctx.workspaceId, key.route, key.key, ctx.clock.now() - IDEMPOTENCY_TTL_MS)
    .run();
  const [row] = z.array(storedSchema).parse(results);
  if (!row) return undefined;
  if (row.body_hash !== key.bodyHash) {
    throw new DomainError(
      "idempotency_conflict",
      "This Idempotency-Key was used with another body. Use a new key for a new request.",
    );
  }
  return JSON.parse(row.answer);
}

/**
 * The statements that keep an answer under its key, for the batch that does what is answered: both happen, or
 * neither. A key in use makes the batch fail with a unique violation, see {@link isKeyTaken}.
 */
export function keepAnswer(ctx: Ctx, key: IdempotencyKey, answer: unknown): D1PreparedStatement[] {
  const now = ctx.clock.now();
  return [
    ctx.db.d1
      .prepare("DELETE FROM idempotency_keys WHERE workspace_id = ?1 AND route = ?2 AND key = ?3 AND created_at <= ?4")
      .bind(ctx.workspaceId, key.route, key.key, now - IDEMPOTENCY_TTL_MS),
    ctx.db.d1
      .prepare(
        `INSERT INTO idempotency_keys (workspace_id, route, key, body_hash, answer, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
      )
      .bind(ctx.workspaceId, key.route, key.key, key.bodyHash, JSON.stringify(answer), now),
  ];
}

/** Whether a batch failed because another request with the same key got there first: its answer is stored then. */
export function isKeyTaken(error: unknown): boolean {
  return violatesUnique(error, "idempotency_keys");
}

/** Removes keys that are over a day old, of all workspaces, at most `limit` at once. */
export function pruneKeys(d1: D1Database, now: number, limit: number): D1PreparedStatement {
  return d1
    .prepare(
      `DELETE FROM idempotency_keys WHERE (workspace_id, route, key) IN
         (SELECT workspace_id, route, key FROM idempotency_keys WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2)`,
    )
    .bind(now - IDEMPOTENCY_TTL_MS, limit);
}

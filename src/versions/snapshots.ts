import { sha256Hex } from "../core/hash.ts";
import type { Db } from "../db/client.ts";
import { canonicalJson, type Definition, definitionSchema } from "../definitions/index.ts";
import { type ReadDefinition, readDefinition } from "./read-definition.ts";

/** A definition as it is stored: under the SHA-256 of its canonical JSON, compressed where that is shorter. */
export interface Snapshot {
  hash: string;
  encoding: "json" | "gzip";
  content: string;
}

/** Prepares a definition for storing. The hash is that of the canonical JSON, whatever the encoding. */
export async function encodeSnapshot(definition: Definition): Promise<Snapshot> {
  const json = canonicalJson(definition);
  const hash = await sha256Hex(json);
  const packed = toBase64(await pipeThrough(new TextEncoder().encode(json), new CompressionStream("gzip")));
  return packed.length < json.length
    ? { hash, encoding: "gzip", content: packed }
    : { hash, encoding: "json", content: json };
}

type Stored = Pick<Snapshot, "encoding" | "content">;

/**
 * The definition that `encodeSnapshot` was given, to be executed. Throws when today's schema does not take it whole: what
 * was left out of it would be work that is silently not done.
 */
export async function decodeSnapshot(snapshot: Stored): Promise<Definition> {
  return definitionSchema.parse(JSON.parse(await jsonOf(snapshot)));
}

/** The definition that `encodeSnapshot` was given, to be looked at and mended: as much of it as today's schema takes. */
export async function readSnapshot(snapshot: Stored): Promise<ReadDefinition> {
  return readDefinition(JSON.parse(await jsonOf(snapshot)));
}

async function jsonOf({ encoding, content }: Stored): Promise<string> {
  if (encoding === "json") return content;
  return new TextDecoder().decode(await pipeThrough(fromBase64(content), new DecompressionStream("gzip")));
}

/**
 * Stores a snapshot, or says that it is wanted again. Every batch that points at a snapshot begins with this statement,
 * or asks in SQL whether the draft or the version that it was read from still holds it: a snapshot goes as soon as
 * nothing points at it.
 */
export function saveSnapshot(db: Db, workspaceId: string, snapshot: Snapshot, now: number): D1PreparedStatement {
  return db.d1
    .prepare(
      `INSERT INTO snapshots (workspace_id, hash, encoding, content, touched_at) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (workspace_id, hash) DO UPDATE SET touched_at = excluded.touched_at`,
    )
    .bind(workspaceId, snapshot.hash, snapshot.encoding, snapshot.content, now);
}

/** Removes the definition that a workflow's draft is about to leave behind for `nextHash`, when nothing else points at it. */
export function dropReplacedDraft(
  db: Db,
  replaced: { workspaceId: string; workflowId: string; nextHash: string },
): D1PreparedStatement {
  return db.d1
    .prepare(
      `DELETE FROM snapshots WHERE workspace_id = ?1 AND hash <> ?3
         AND hash = (SELECT draft_hash FROM workflows WHERE workspace_id = ?1 AND id = ?2)
         AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.workspace_id = ?1 AND v.content_hash = snapshots.hash)
         AND NOT EXISTS (SELECT 1 FROM workflows w WHERE w.workspace_id = ?1 AND w.draft_hash = snapshots.hash AND w.id <> ?2)`,
    )
    .bind(replaced.workspaceId, replaced.workflowId, replaced.nextHash);
}

async function pipeThrough(bytes: Uint8Array, transform: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function toBase64(bytes: Uint8Array): string {
  const CHUNK = 8192;
  let binary = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

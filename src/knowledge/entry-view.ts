import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import type { KnowledgeView } from "./inputs.ts";
import { comparable } from "./rules/storable.ts";
import type { KnowledgeRow } from "./schema.ts";

/** An entry as the API shows it. */
export function knowledgeView(row: Omit<KnowledgeRow, "seq" | "workspaceId" | "contentHash">): KnowledgeView {
  const { id, agentRole, category, content, context, confidence, source, executionId, nodeId } = row;
  const times = { createdAt: isoTime(row.createdAt), updatedAt: isoTime(row.updatedAt) };
  return { id, agentRole, category, content, context, confidence, source, executionId, nodeId, ...times };
}

/** By what two entries of a role and category are the same. */
export function contentHashOf(content: string): Promise<string> {
  return sha256Hex(comparable(content));
}

export function knowledgeNotFound(): DomainError {
  return new DomainError(
    "knowledge_not_found",
    "There is no such knowledge entry in this workspace. GET /api/knowledge lists them.",
  );
}

/** @param id of the entry that says the same, as far as it is still there */
export function knowledgeExists(id: string | undefined): DomainError {
  return new DomainError(
    "knowledge_exists",
    `The same content is known already for this role and category${id === undefined ? "" : `, as entry ${id}`}. Change that entry with PUT /api/knowledge/:id, or say something else.`,
    { details: [{ path: "content", message: id === undefined ? "is known already" : `is known already as ${id}` }] },
  );
}

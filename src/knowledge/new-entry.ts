import { contentHashOf } from "./entry-view.ts";
import type { NewEntry } from "./insert-entries.ts";
import { storable } from "./rules/storable.ts";
import type { KnowledgeSource } from "./schema.ts";

interface Given {
  id: string;
  agentRole: string;
  category: string;
  content: string;
  context?: string | null | undefined;
  /** 0 to 100. */
  confidence: number;
  source: KnowledgeSource;
  /** The step that it was learned in. */
  learnedIn?: { executionId: string; nodeId: string };
  /** Epoch milliseconds. */
  createdAt: number;
}

/** An entry as `insertEntries` takes it. Sizes are the caller's to check. */
export async function newEntry(given: Given): Promise<NewEntry> {
  const content = storable(given.content);
  const context = storable(given.context ?? "");
  return {
    id: given.id,
    agentRole: storable(given.agentRole),
    category: storable(given.category),
    content,
    context: context === "" ? null : context,
    confidence: given.confidence,
    source: given.source,
    executionId: given.learnedIn?.executionId ?? null,
    nodeId: given.learnedIn?.nodeId ?? null,
    contentHash: await contentHashOf(content),
    createdAt: given.createdAt,
    updatedAt: given.createdAt,
  };
}

import { logAbout } from "../core/log.ts";
import type { Agent } from "../definitions/index.ts";
import {
  findRelevant,
  HOW_TO_OFFER,
  type NewEntry,
  newEntry,
  type ReferenceBlock,
  referenceBlock,
  takeOffer,
} from "../knowledge/index.ts";
import type { Engine } from "./engine.ts";
import type { RunningExecution } from "./store/claim-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";

/** What a step has had to do with the workspace's knowledge, for its log. */
export interface KnowledgeUsed {
  /** The ids of the entries that its agent was given. */
  given: readonly string[];
  /** How many facts its agent offered. */
  offered: number;
  /** What was wrong with its offer. */
  faults: readonly string[];
}

export const NO_KNOWLEDGE: KnowledgeUsed = { given: [], offered: 0, faults: [] };

const NOTHING: ReferenceBlock = { text: "", ids: [] };

/** What an agent that uses knowledge is told before its prompt. Asks the database for such agents only. */
export async function knowledgeFor(
  { db, log }: Pick<Engine, "db" | "log">,
  { workspaceId, executionId }: Pick<RunningExecution, "workspaceId" | "executionId">,
  agent: Agent,
  prompt: string,
): Promise<ReferenceBlock> {
  if (agent.useKnowledge !== true) return NOTHING;
  const ctx = { db, log: logAbout(log, { executionId, nodeId: agent.nodeId }) };
  return referenceBlock(await findRelevant(ctx, { workspaceId, agentRole: agent.role, text: prompt }));
}

/** An agent's own instructions, with how to offer facts when it may. `null` when there are none. */
export function instructionsOf({ systemPrompt = "", learnKnowledge }: Agent): string | null {
  const instructions = learnKnowledge === true ? [systemPrompt, HOW_TO_OFFER] : [systemPrompt];
  return instructions.filter((text) => text !== "").join("\n\n") || null;
}

/** An answer without what its agent offered to others, and that as entries to be written when the step ends. */
export interface Lessons {
  text: string;
  learned: NewEntry[];
  faults: string[];
}

/** Takes what an agent that may learn has offered out of its answer. Others' answers are left as they are. */
export async function takeLessons(
  engine: Pick<Engine, "clock" | "ids">,
  { executionId }: Pick<RunningExecution, "executionId">,
  { nodeId }: Pick<ClaimedStep, "nodeId">,
  agent: Agent,
  answer: string,
): Promise<Lessons> {
  if (agent.learnKnowledge !== true) return { text: answer, learned: [], faults: [] };
  const { text, facts, faults } = takeOffer(answer);
  const common = { agentRole: agent.role, source: "agent", learnedIn: { executionId, nodeId } } as const;
  const learned = await Promise.all(
    facts.map((fact) => newEntry({ ...fact, ...common, id: engine.ids.next(), createdAt: engine.clock.now() })),
  );
  return { text, learned, faults };
}

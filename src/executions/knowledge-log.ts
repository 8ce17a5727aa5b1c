import type { Agent } from "../definitions/index.ts";
import type { KnowledgeUsed } from "./agent-knowledge.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import type { LogLine } from "./store/statements.ts";

/** What an execution's log says of knowledge that a step was given or offered: ids and numbers, never its contents. */
export function knowledgeLines(now: number, step: ClaimedStep, { name }: Agent, used: KnowledgeUsed): LogLine[] {
  const { given, offered, faults } = used;
  // Sorts before the line that tells the end, should that have the same time.
  const line = (what: string) => ({ nodeId: step.nodeId, at: now, line: `${step.nodeId}!${step.fence}/${what}` });
  const lines: LogLine[] = [];
  if (given.length > 0) {
    const message = `${name} was given ${counted(given.length, "knowledge entry", "knowledge entries")}`;
    lines.push({ ...line("given"), level: "info", message, data: { entries: given } });
  }
  if (offered > 0) {
    const message = `${name} offered ${counted(offered, "fact", "facts")} to the workspace's knowledge`;
    lines.push({ ...line("offered"), level: "info", message, data: { offered } });
  }
  if (faults.length > 0) {
    const message = `Some of what ${name} offered as knowledge was left out: ${faults.join("; ")}`;
    lines.push({ ...line("refused"), level: "warn", message, data: { faults: faults.length } });
  }
  return lines;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

import type { Ctx } from "../db/context.ts";
import {
  type EndedExecution,
  type Engine,
  type ExecutionDetail,
  getExecution,
  listEnded,
  readHistory,
} from "../executions/index.ts";
import type { HistoryLimits } from "./export-limits.ts";
import { type ListedVersion, listForExport, readVersions, type StoredVersion } from "./export-versions.ts";
import { ReadAhead } from "./read-ahead.ts";

/** What an output in R2 counts for before it is read: it is read cut, and is longer than a row takes. */
const OUTPUT_IN_R2 = 512 * 1024;

/** One kind of history of many workflows. */
interface History<Value> {
  of(workflowId: string): AsyncGenerator<Value>;
  /** How many of a workflow's are not even read, being too many or too large. */
  leftOut(workflowId: string): number;
}

/** The newest versions of each workflow, newest first. */
export async function versionsOf(
  ctx: Ctx,
  workflowIds: readonly string[],
  limits: HistoryLimits,
): Promise<History<StoredVersion>> {
  const listed = await listForExport(ctx, workflowIds, limits.items);
  return historyOf(
    listed.map((each: ListedVersion) => ({ ...each, of: each.total })),
    limits.versionBytes,
    (ids) => readVersions(ctx, ids),
  );
}

/** The newest executions of each workflow that have ended, newest first: those under way are nobody's history yet. */
export async function executionsOf(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  workflowIds: readonly string[],
  limits: HistoryLimits,
): Promise<History<ExecutionDetail>> {
  const listed = await listEnded(ctx, workflowIds, limits.items);
  const inR2 = new Set(listed.filter(({ bytes }) => !Number.isFinite(bytes)).map(({ id }) => id));
  return historyOf(
    listed.map((each: EndedExecution) => ({
      ...each,
      bytes: inR2.has(each.id) ? OUTPUT_IN_R2 : each.bytes,
      of: each.ended,
    })),
    limits.executionBytes,
    async (ids) => {
      const [only] = ids;
      if (ids.length === 1 && only !== undefined) return new Map([[only, await getExecution(ctx, engine, only)]]);
      const details = await readHistory(ctx, ids);
      return new Map(details.map((detail) => [detail.id, detail]));
    },
  );
}

interface Listed {
  id: string;
  workflowId: string;
  bytes: number;
  /** How many its workflow has in all. */
  of: number;
}

function historyOf<Value>(
  listed: readonly Listed[],
  maxBytes: number,
  read: (ids: readonly string[]) => Promise<Map<string, Value>>,
): History<Value> {
  const left = new Map<string, number>();
  const chosen = listed.filter(({ workflowId, bytes }) => {
    const space = left.get(workflowId) ?? maxBytes;
    if (bytes > space) return false;
    left.set(workflowId, space - bytes);
    return true;
  });
  const counts = new Map<string, number>();
  for (const { workflowId, of } of listed) counts.set(workflowId, of);
  for (const { workflowId } of chosen) counts.set(workflowId, (counts.get(workflowId) ?? 0) - 1);
  const ahead = new ReadAhead(chosen, (chunk) => read(chunk.map(({ id }) => id)));
  return {
    of: (workflowId) => ahead.of((item) => item.workflowId === workflowId),
    leftOut: (workflowId) => counts.get(workflowId) ?? 0,
  };
}

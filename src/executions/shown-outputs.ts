import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "./engine.ts";
import { MAX_INLINE_OUTPUT_BYTES, MAX_SHOWN_BYTES } from "./limits.ts";
import { missingObject } from "./outputs.ts";
import { shareBytes } from "./rules/share-bytes.ts";

/** A step's output, as far as it fits into one answer. */
export interface ShownOutput {
  text: string;
  truncated: boolean;
}

/** Where a succeeded step's output lies. */
export interface PlacedOutput {
  nodeId: string;
  /** Of the text in the row; 0 when it lies in R2. */
  inlineBytes: number;
  outputKey: string | null;
}

/** So many objects cannot all come whole, each being larger than a row takes, and then none of them does. */
const TOO_MANY_OBJECTS = MAX_SHOWN_BYTES / MAX_INLINE_OUTPUT_BYTES;

const textSchema = z.object({ node_id: z.string(), text: z.string() });

/**
 * The outputs of an execution's steps by node, MAX_SHOWN_BYTES together: small ones come whole, the others are cut to
 * equal shares. Nothing is read that is not shown, since a hundred large outputs would not fit into a Worker's memory.
 */
export async function shownOutputs(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  executionId: string,
  placed: readonly PlacedOutput[],
): Promise<Map<string, ShownOutput>> {
  const shares = shareBytes(await sizesOf(engine, placed), MAX_SHOWN_BYTES);
  const inline = placed.filter((output) => output.outputKey === null);
  const texts = await inlineTexts(
    ctx,
    executionId,
    inline.map(({ nodeId }) => [nodeId, shares.get(nodeId) ?? 0]),
  );
  const shown = new Map<string, ShownOutput>();
  for (const { nodeId, inlineBytes } of inline) {
    const share = shares.get(nodeId) ?? 0;
    const text = texts.get(nodeId) ?? "";
    const truncated = share < inlineBytes;
    shown.set(nodeId, { text: truncated ? startOf(text, share) : text, truncated });
  }
  await Promise.all(
    placed.map(async ({ nodeId, outputKey }) => {
      if (outputKey === null) return;
      const object = await engine.outputs.getRange(outputKey, shares.get(nodeId) ?? 0);
      if (object === null) throw missingObject(outputKey);
      shown.set(nodeId, { text: object.text, truncated: !object.complete });
    }),
  );
  return shown;
}

/** Objects are asked for their sizes only when these matter: a question for each of hundreds would take seconds. */
async function sizesOf(engine: Pick<Engine, "outputs">, placed: readonly PlacedOutput[]): Promise<Map<string, number>> {
  const asked = placed.filter((output) => output.outputKey !== null).length < TOO_MANY_OBJECTS;
  const sizes = placed.map(async ({ nodeId, inlineBytes, outputKey }) => {
    if (outputKey === null) return [nodeId, inlineBytes] as const;
    if (!asked) return [nodeId, Number.POSITIVE_INFINITY] as const;
    const size = await engine.outputs.size(outputKey);
    if (size === null) throw missingObject(outputKey);
    return [nodeId, size] as const;
  });
  return new Map(await Promise.all(sizes));
}

/** The beginnings of texts that stand in rows, cut by SQLite after as many characters as they may have bytes. */
async function inlineTexts(
  ctx: Ctx,
  executionId: string,
  shares: readonly (readonly [string, number])[],
): Promise<Map<string, string>> {
  if (shares.length === 0) return new Map();
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT node_id,
         CASE WHEN octet_length(output) <= share.value THEN output ELSE substr(output, 1, share.value) END AS text
       FROM json_each(?3) AS share CROSS JOIN steps ON node_id = share.key
       WHERE workspace_id = ?1 AND execution_id = ?2 AND status = 'succeeded' AND output IS NOT NULL`,
    )
    .bind(ctx.workspaceId, executionId, JSON.stringify(Object.fromEntries(shares)))
    .run();
  return new Map(
    z
      .array(textSchema)
      .parse(results)
      .map((row) => [row.node_id, row.text]),
  );
}

/** As many whole characters as fit into `maxBytes` of UTF-8. */
function startOf(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return text.slice(0, read);
}

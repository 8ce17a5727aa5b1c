import { z } from "zod";
import { sha256Hex } from "../core/hash.ts";
import { drawVersion } from "../versions/index.ts";

/** A version that is in the history, found by a query of the trigger's own. */
export interface Pin {
  versionId: string;
  contentHash: string;
  /** Whether it was ever executed, which marks it for good. */
  executed: boolean;
}

/** What a trigger's version means right now. `uncommitted`: the draft, which has to become a version first. */
export type PinChoice =
  | { kind: "committed"; pin: Pin }
  | { kind: "uncommitted"; draftHash: string }
  | { kind: "missing" };

/** SQL expressions of the query around it. A version of NULL is the draft, else an id, a number or a tag as text. */
interface PinOf {
  workspace: string;
  workflow: string;
  version: string;
}

const PIN = "'versionId', pv.id, 'contentHash', pv.content_hash, 'executed', pv.executed";

/**
 * An SQL expression for whoever reads a trigger's row: what {@link choosePin} needs to know which version it runs, as
 * JSON, so that a trigger needs no trip of its own for it.
 */
export function pinExpression({ workspace, workflow, version }: PinOf): string {
  const ofWorkflow = (table: string) => `${table}.workspace_id = ${workspace} AND ${table}.workflow_id = ${workflow}`;
  const share = `json_object(${PIN}, 'weight', named.weight)`;
  return `CASE WHEN ${version} IS NULL
    THEN (SELECT json_object('draftHash', pw.draft_hash, 'head',
        (SELECT json_object(${PIN}) FROM versions pv
         WHERE ${ofWorkflow("pv")} ORDER BY pv.number DESC LIMIT 1))
      FROM workflows pw WHERE pw.workspace_id = ${workspace} AND pw.id = ${workflow})
    ELSE (SELECT json_object('shares', json_group_array(${share})) FROM (
        SELECT pi.id AS id, 1 AS weight FROM versions pi
        WHERE pi.workspace_id = ${workspace} AND pi.id = ${version} AND pi.workflow_id = ${workflow}
        UNION ALL
        SELECT pn.id, 1 FROM versions pn WHERE ${ofWorkflow("pn")}
          AND pn.number = CASE WHEN ${version} NOT GLOB '*[^0-9]*' THEN CAST(${version} AS INTEGER) END
        UNION ALL
        SELECT pt.version_id, pt.weight FROM version_tags pt WHERE ${ofWorkflow("pt")} AND pt.tag = ${version}
      ) AS named JOIN versions pv ON pv.workspace_id = ${workspace} AND pv.id = named.id)
    END`;
}

const pinSchema = z.object({
  versionId: z.string(),
  contentHash: z.string(),
  executed: z.number().transform((flag) => flag === 1),
});
const foundSchema = z.union([
  z.object({ draftHash: z.string(), head: pinSchema.nullable() }),
  z.object({ shares: z.array(pinSchema.extend({ weight: z.number() })) }),
]);

/**
 * The version that {@link pinExpression}'s JSON stands for in this execution: the newest one when it holds the draft,
 * the one that was pinned, or the one that is drawn of those which share a tag.
 */
export async function choosePin(expression: string, executionId: string): Promise<PinChoice> {
  const found = foundSchema.parse(JSON.parse(expression));
  if ("draftHash" in found) {
    const { head, draftHash } = found;
    return head?.contentHash === draftHash ? { kind: "committed", pin: head } : { kind: "uncommitted", draftHash };
  }
  const [only, ...others] = found.shares;
  if (only === undefined) return { kind: "missing" };
  if (others.length === 0) return committed(only);
  const drawn = drawVersion(found.shares, await sha256Hex(executionId));
  const share = found.shares.find(({ versionId }) => versionId === drawn);
  return share === undefined ? { kind: "missing" } : committed(share);
}

function committed({ versionId, contentHash, executed }: Pin): PinChoice {
  return { kind: "committed", pin: { versionId, contentHash, executed } };
}

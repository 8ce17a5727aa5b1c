import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";

/**
 * A draft was saved, restored or imported over: `revision` is what it has become. What it holds is read from the workflow.
 */
export type DraftEvent = { type: "draft"; workflowId: string; revision: number; at: string };

/** Where the workspace's watchers hear of it. */
export interface DraftFeed {
  publish(events: readonly DraftEvent[]): Promise<void>;
}

/** Its revision where that is known; else the one that it has by then is told. */
interface ChangedDraft {
  id: string;
  revision?: number;
}

const nowSchema = z.array(z.object({ id: z.string(), revision: z.number() }));

/**
 * Tells whoever watches the workspace that drafts are others now; nobody is called where nobody watches. A feed that
 * cannot be reached costs a log line and nothing else: the drafts are saved.
 */
export async function tellDrafts(ctx: Ctx, feed: DraftFeed, drafts: readonly ChangedDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  const { workspaceId } = ctx;
  const now = ctx.clock.now();
  const known = new Map(drafts.map(({ id, revision }) => [id, revision]));
  try {
    const { results } = await ctx.db.d1
      .prepare(
        `SELECT id, revision FROM workflows WHERE workspace_id = ?1 AND id IN (SELECT value FROM json_each(?2))
           AND EXISTS (SELECT 1 FROM live_watches WHERE workspace_id = ?1 AND until > ?3)`,
      )
      .bind(workspaceId, JSON.stringify([...known.keys()]), now)
      .run();
    const at = isoTime(now);
    const events = nowSchema
      .parse(results)
      .map(
        ({ id, revision }): DraftEvent => ({ type: "draft", workflowId: id, revision: known.get(id) ?? revision, at }),
      );
    if (events.length > 0) await feed.publish(events);
  } catch (error) {
    ctx.log.log("warn", "LiveFeed", `an event was not delivered: ${errorText(error)}`, { workspaceId });
  }
}

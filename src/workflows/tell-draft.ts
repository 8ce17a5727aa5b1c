import { isoTime } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";

/** A draft was saved or restored: `revision` is what it has become. What it holds is read from the workflow. */
export type DraftEvent = { type: "draft"; workflowId: string; revision: number; at: string };

/** Where the workspace's watchers hear of it. */
interface Feed {
  publish(events: readonly DraftEvent[]): Promise<void>;
}

/**
 * Tells whoever watches the workspace that a draft is another one now; nobody is called where nobody watches. A feed that
 * cannot be reached costs a log line and nothing else: the draft is saved.
 */
export async function tellDraft(ctx: Ctx, feed: Feed, draft: { id: string; revision: number }): Promise<void> {
  const now = ctx.clock.now();
  try {
    const watched = await ctx.db.d1
      .prepare("SELECT 1 FROM live_watches WHERE workspace_id = ?1 AND until > ?2")
      .bind(ctx.workspaceId, now)
      .first();
    if (watched === null) return;
    await feed.publish([{ type: "draft", workflowId: draft.id, revision: draft.revision, at: isoTime(now) }]);
  } catch (error) {
    const { workspaceId } = ctx;
    ctx.log.log("warn", "LiveFeed", `an event was not delivered: ${errorText(error)}`, { workspaceId });
  }
}

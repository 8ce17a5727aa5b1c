import { errorText } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { LiveEvent } from "./live-events.ts";

/** Events of parallel steps come close together: waiting this long makes one call of many. */
const FLUSH_MS = 50;

interface Feed {
  publish(workspaceId: string, events: readonly LiveEvent[]): Promise<void>;
}

/**
 * Hands events to the live feed behind the back of whoever publishes: gathered for a moment, then sent in one call a
 * workspace. A feed that cannot be reached costs a log line and nothing else.
 */
export function publisher(feed: Feed, waitUntil: (work: Promise<unknown>) => void, log: Logger) {
  const gathered = new Map<string, LiveEvent[]>();
  return (workspaceId: string, events: readonly LiveEvent[]): void => {
    if (events.length === 0) return;
    const waiting = gathered.get(workspaceId);
    if (waiting) {
      waiting.push(...events);
      return;
    }
    gathered.set(workspaceId, [...events]);
    waitUntil(flush(workspaceId));
  };

  async function flush(workspaceId: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
    const events = gathered.get(workspaceId) ?? [];
    gathered.delete(workspaceId);
    try {
      await feed.publish(workspaceId, events);
    } catch (error) {
      log.log("warn", "LiveFeed", `events were not delivered: ${errorText(error)}`, {
        workspaceId,
        executionId: onlyExecution(events),
        events: events.length,
      });
    }
  }
}

/** The execution that all of these are about, if it is one. */
function onlyExecution(events: readonly LiveEvent[]): string | undefined {
  const ids = new Set(events.map((event) => ("executionId" in event ? event.executionId : null)));
  const [only] = ids;
  return ids.size === 1 ? (only ?? undefined) : undefined;
}

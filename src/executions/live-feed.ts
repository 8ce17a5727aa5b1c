import { DurableObject } from "cloudflare:workers";
import { z } from "zod";
import type { LiveEvent } from "./live-events.ts";

/** How often the object looks whether its watchers may still watch, and says that somebody does. */
const CHECK_MS = 20_000;
/** How long the engine goes on publishing without hearing of a watcher again. */
const WATCH_MS = 90_000;
/** WebSocket close code for "your access ended": 4000 to 4999 are for applications (RFC 6455, 7.4.2). */
const ACCESS_ENDED = 4403;

/** Who watches through a socket, and by what right. Travels as a header of the upgrade and stays with the socket. */
export const watcherSchema = z.object({
  workspaceId: z.string(),
  userId: z.string(),
  role: z.string(),
  via: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("session"), sessionId: z.string(), expiresAt: z.number() }),
    z.object({ kind: z.literal("api_key"), keyId: z.string() }),
  ]),
});
export type Watcher = z.infer<typeof watcherSchema>;

export const WATCHER_HEADER = "X-Swarm-Watcher";

/**
 * One per workspace: the WebSockets of everyone who watches it. It hibernates between events. While there are
 * sockets a row in D1 says so, which engines read in batches that they send anyway: they publish only then.
 */
export abstract class LiveFeedObject<Env extends { DB: D1Database }> extends DurableObject<Env> {
  /** Whether a watcher's session or key still holds, with the role that it had. */
  protected abstract accessHolds(watcher: Watcher): Promise<boolean>;

  override async fetch(request: Request): Promise<Response> {
    const watcher = watcherSchema.parse(JSON.parse(request.headers.get(WATCHER_HEADER) ?? "null"));
    // First the row, then the socket: what happens after the client sees the connection open is published.
    await this.#sayWatched(watcher.workspaceId, Date.now() + WATCH_MS);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment(watcher);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + CHECK_MS);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Sends events to every socket. */
  async publish(events: readonly LiveEvent[]): Promise<void> {
    const texts = events.map((event) => JSON.stringify(event));
    for (const socket of this.ctx.getWebSockets()) {
      for (const text of texts) sendQuietly(socket, text);
    }
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (message === "ping") sendQuietly(socket, "pong");
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    // 1005 and 1006 say that no code was sent, and may not be sent themselves (RFC 6455, 7.4.1).
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  /** Closes the sockets of those who may no longer watch, and keeps the row in D1 or takes it away. */
  override async alarm(): Promise<void> {
    let workspaceId: string | undefined;
    for (const socket of this.ctx.getWebSockets()) {
      const watcher = watcherSchema.parse(socket.deserializeAttachment());
      workspaceId ??= watcher.workspaceId;
      if (!(await this.accessHolds(watcher))) socket.close(ACCESS_ENDED, "Your access to this workspace ended");
    }
    // Without a socket the row is left to run out: nothing has to be known of the workspace for that.
    if (workspaceId === undefined) return;
    await this.#sayWatched(workspaceId, Date.now() + WATCH_MS);
    await this.ctx.storage.setAlarm(Date.now() + CHECK_MS);
  }

  async #sayWatched(workspaceId: string, until: number): Promise<void> {
    await this.env.DB.prepare(
      "INSERT INTO live_watches (workspace_id, until) VALUES (?1, ?2) ON CONFLICT (workspace_id) DO UPDATE SET until = max(until, excluded.until)",
    )
      .bind(workspaceId, until)
      .run();
  }
}

/** A socket that closes while it is written to has nobody to tell: its close event follows. */
function sendQuietly(socket: WebSocket, text: string): void {
  if (socket.readyState === WebSocket.READY_STATE_OPEN) socket.send(text);
}

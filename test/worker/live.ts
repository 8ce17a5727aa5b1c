import { type Client, ORIGIN } from "./accounts.ts";

/** A watcher of the live feed, with what it has heard. */
export interface Watcher {
  events: Record<string, unknown>[];
  /** The messages as they came, to look for what must not be in them. */
  texts: string[];
  socket: WebSocket;
  /** The code that the server closed it with. */
  closed: Promise<number>;
}

/** Opens the live feed as this account. Throws with the status when it is refused. */
export async function watch(account: Client): Promise<Watcher> {
  const response = await account.fetch("/api/live", { headers: { Upgrade: "websocket", Origin: ORIGIN } });
  const { webSocket: socket } = response;
  if (!socket) throw new Error(`the upgrade answered ${response.status}`);
  const events: Record<string, unknown>[] = [];
  const texts: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  socket.addEventListener("message", ({ data }) => {
    const text = String(data);
    texts.push(text);
    if (text !== "pong") events.push(JSON.parse(text));
  });
  socket.addEventListener("close", ({ code }) => resolve(code));
  socket.accept();
  return { events, texts, socket, closed };
}

import { backoffMs } from "../lib/backoff.ts";
import type { LiveEvent } from "./client.ts";

/** The server closes with this when the person may no longer watch this workspace. */
const ACCESS_ENDED = 4403;
const PING_MS = 25_000;
/** A connection that neither opens nor fails, behind a proxy that swallows it, is given up after this long. */
const OPEN_WITHIN_MS = 10_000;

/** `offline` from the first failure until it is connected again. */
export type LiveState = "connecting" | "live" | "offline" | "ended";

export interface LiveSocket {
  state(): LiveState;
  /** Called with each event. Answers the function that ends it. */
  onEvent(listener: (event: LiveEvent) => void): () => void;
  /** Called when `state()` changed. Answers the function that ends it. */
  onState(listener: () => void): () => void;
  /** Called when a connection is there again: what happened meanwhile was not told. */
  onReconnected(listener: () => void): () => void;
  close(): void;
}

const TYPES = {
  draft: true,
  execution: true,
  step: true,
  log: true,
  cost: true,
  budget: true,
  breaker: true,
  schedule: true,
  webhook: true,
  export: true,
} satisfies Record<LiveEvent["type"], true>;

/** One WebSocket to the workspace's live feed, opened again with growing waits whenever it closes. */
export function openLiveSocket(url: string): LiveSocket {
  const events = new Set<(event: LiveEvent) => void>();
  const states = new Set<() => void>();
  const reconnects = new Set<() => void>();
  let state: LiveState = "connecting";
  let failures = 0;
  let connectedBefore = false;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const become = (next: LiveState) => {
    if (state === next) return;
    state = next;
    for (const listener of states) listener();
  };

  const connect = () => {
    const opened = new WebSocket(url);
    socket = opened;
    // A connection that a proxy or a sleeping laptop dropped in silence is noticed by what cannot be sent.
    const ping = setInterval(() => {
      if (opened.readyState === WebSocket.OPEN) opened.send("ping");
    }, PING_MS);
    const opening = setTimeout(() => opened.close(), OPEN_WITHIN_MS);
    opened.onopen = () => {
      clearTimeout(opening);
      failures = 0;
      become("live");
      if (connectedBefore) for (const listener of reconnects) listener();
      connectedBefore = true;
    };
    opened.onmessage = ({ data }) => {
      if (data === "pong") return;
      const event: unknown = JSON.parse(String(data));
      if (isLiveEvent(event)) for (const listener of events) listener(event);
    };
    opened.onclose = ({ code }) => {
      clearInterval(ping);
      clearTimeout(opening);
      if (closed) return;
      if (code === ACCESS_ENDED) {
        become("ended");
        return;
      }
      failures += 1;
      become("offline");
      timer = setTimeout(connect, backoffMs(failures, Math.random()));
    };
  };

  connect();
  return {
    state: () => state,
    onEvent: (listener) => listen(events, listener),
    onState: (listener) => listen(states, listener),
    onReconnected: (listener) => listen(reconnects, listener),
    close: () => {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Whether a message is one of the events that this dashboard knows: a newer server may send others. */
function isLiveEvent(value: unknown): value is LiveEvent {
  return typeof value === "object" && value !== null && "type" in value && String(value.type) in TYPES;
}

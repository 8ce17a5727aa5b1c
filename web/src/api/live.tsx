import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { LiveEvent } from "./client.ts";
import { keys } from "./keys.ts";
import { type LiveSocket, type LiveState, openLiveSocket } from "./live-socket.ts";
import { useMe } from "./me.ts";

/** Events of parallel steps come in bursts: what they make old is asked for once a burst. */
const GATHER_MS = 250;
/** Sums are dear to ask for, and move with each call. */
const REFRESH_MS = 2_000;

const LiveContext = createContext<LiveSocket | null>(null);

/**
 * Holds the one WebSocket of the page, for the workspace that is worked in, and has the lists that events make old asked
 * for again. Pages that show one thing live patch it with {@link useLiveEvents}.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const workspaceId = useMe().workspace.id;
  const [socket, setSocket] = useState<LiveSocket | null>(null);
  return (
    <LiveContext value={socket}>
      {/* The address does not say which workspace, the session does: another one needs another connection. */}
      <Connection key={workspaceId} onOpened={setSocket} />
      <FreshLists />
      {children}
    </LiveContext>
  );
}

function Connection({ onOpened }: { onOpened: (socket: LiveSocket) => void }) {
  useEffect(() => {
    const socket = openLiveSocket(`${location.origin.replace(/^http/, "ws")}/api/live`);
    onOpened(socket);
    return () => socket.close();
  }, [onOpened]);
  return null;
}

/** Calls `listener` with each event of the workspace while the component is mounted. Filter by `event.type` first. */
export function useLiveEvents(listener: (event: LiveEvent) => void): void {
  const socket = useContext(LiveContext);
  const onEvent = useEffectEvent(listener);
  useEffect(() => socket?.onEvent((event) => onEvent(event)), [socket]);
}

/**
 * Asks again for what many small events move, such as sums of costs: a few seconds behind the first of them, however many
 * follow it.
 */
export function useLiveRefresh(queryKey: QueryKey, concerns: (event: LiveEvent) => boolean): void {
  const queryClient = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useLiveEvents((event) => {
    if (timer.current !== undefined || !concerns(event)) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void queryClient.invalidateQueries({ queryKey });
    }, REFRESH_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}

/** Whether what is on screen is followed live. */
export function useLiveState(): LiveState {
  const socket = useContext(LiveContext);
  return useSyncExternalStore(
    (changed) => socket?.onState(changed) ?? noop,
    () => socket?.state() ?? "connecting",
  );
}

function FreshLists() {
  const queryClient = useQueryClient();
  const socket = useContext(LiveContext);
  useEffect(() => {
    if (!socket) return;
    const old = new Map<string, readonly unknown[]>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      for (const queryKey of old.values()) void queryClient.invalidateQueries({ queryKey });
      old.clear();
    };
    const ends = [
      socket.onEvent((event) => {
        for (const queryKey of madeOldBy(event)) old.set(JSON.stringify(queryKey), queryKey);
        timer ??= setTimeout(refresh, GATHER_MS);
      }),
      // What happened while there was no connection was told to nobody.
      socket.onReconnected(() => void queryClient.invalidateQueries()),
      socket.onState(() => {
        if (socket.state() === "ended") void queryClient.invalidateQueries({ queryKey: keys.me });
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const end of ends) end();
    };
  }, [socket, queryClient]);
  return null;
}

/** The cached answers that an event makes old. Add your feature's here. */
function madeOldBy(event: LiveEvent): (readonly unknown[])[] {
  switch (event.type) {
    case "execution":
      return [keys.executions.lists, keys.executions.one(event.executionId), keys.versions.of(event.workflowId)];
    case "step":
    case "log":
    case "cost":
      return [keys.executions.one(event.executionId)];
    case "breaker":
      return [keys.providers];
    // The draft itself is the editor's: what others look at must not change under a commit that they are about to make.
    case "draft":
      return [keys.workflows.list, keys.versions.of(event.workflowId)];
    case "schedule":
    case "webhook":
    case "budget":
    case "export":
      return [[`${event.type}s`], keys.events.all];
  }
}

/** There is nothing to end. */
function noop(): void {
  return;
}

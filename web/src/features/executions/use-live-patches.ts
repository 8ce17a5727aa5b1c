import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { LiveEvent } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { useLiveEvents } from "../../api/live.tsx";
import { patched } from "./live-patch.ts";
import type { ExecutionDetail } from "./queries.ts";

/** Events of hundreds of steps come faster than a page of them can be drawn: those of this long (ms) are drawn at once. */
const GATHER_MS = 100;

/** Has what events tell of an execution shown before it is asked for again. */
export function useLivePatches(executionId: string): void {
  const queryClient = useQueryClient();
  const gathered = useRef<LiveEvent[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useLiveEvents((event) => {
    if ((event.type !== "execution" && event.type !== "step") || event.executionId !== executionId) return;
    gathered.current.push(event);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const events = gathered.current;
      gathered.current = [];
      queryClient.setQueryData<ExecutionDetail>(
        keys.executions.one(executionId),
        (before) => before && events.reduce(patched, before),
      );
    }, GATHER_MS);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      gathered.current = [];
    },
    [],
  );
}

import { useCallback, useEffect, useRef } from "react";

/**
 * The same function for ever, which does what the newest one does: React Flow draws all nodes again when it is handed
 * another handler. For handlers of events, not for what is called while something is drawn.
 */
export function useStable<Args extends unknown[], Answer>(
  handler: (...args: Args) => Answer,
): (...args: Args) => Answer {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  }, [handler]);
  return useCallback((...args: Args) => latest.current(...args), []);
}

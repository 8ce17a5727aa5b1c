import { useEffect, useState } from "react";

const TICK_MS = 500;

/** The time, in epoch ms, moving twice a second while something runs: bars grow by it. */
export function useClock(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

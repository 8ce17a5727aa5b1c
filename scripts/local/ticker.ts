/**
 * Calls `run` at every multiple of `seconds` since the epoch (60: on the minute), which is when the platform's cron
 * fires. A run that takes longer than that is not started twice: the next one waits for its turn.
 */
export function startTicker(seconds: number, run: (at: Date) => Promise<void>): { stop(): void } {
  const period = seconds * 1000;
  let timer: NodeJS.Timeout;
  let stopped = false;
  const wait = () => {
    const at = Math.floor(Date.now() / period + 1) * period;
    timer = setTimeout(() => {
      run(new Date(at)).finally(() => {
        if (!stopped) wait();
      });
    }, at - Date.now());
  };
  wait();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

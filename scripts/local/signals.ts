/** The signals that ask a process to end: from a supervisor, from Ctrl-C, and from a terminal that is closed. */
const ENDING = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Ctrl-C arrives twice under npm: from the terminal, and from npm, which passes on its own. A person takes longer. */
const ONE_REQUEST_MS = 300;

/**
 * Resolves with the first signal that asks this process to end. A later one ends it at once, for a stop that hangs.
 */
export function nextSignal(now: () => number = () => performance.now()): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ENDING) {
      process.on(signal, () => {
        if (firstAt !== undefined && now() - firstAt > ONE_REQUEST_MS) process.exit(1);
        firstAt ??= now();
        resolve(signal);
      });
    }
  });
}

/**
 * Calls `make`, and takes back the handlers of signals that it registers. Miniflare's end the process on the spot
 * with code 143, before the rest is stopped in order.
 */
export function withoutSignalHandlers<Made>(make: () => Made): Made {
  const before = new Map(ENDING.map((signal) => [signal, process.listeners(signal)]));
  const made = make();
  for (const [signal, known] of before) {
    for (const listener of process.listeners(signal)) {
      if (!known.includes(listener)) process.removeListener(signal, listener);
    }
  }
  return made;
}

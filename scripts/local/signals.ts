/** The signals that ask a process to end: from a supervisor, from Ctrl-C, and from a terminal that is closed. */
const ENDING = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Resolves with the first signal that asks this process to end. A second one ends it at once, for a stop that hangs.
 */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let seen = false;
    for (const signal of ENDING) {
      process.on(signal, () => {
        if (seen) process.exit(1);
        seen = true;
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

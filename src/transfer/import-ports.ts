import type { CipherSettings } from "../core/cipher.ts";
import type { Clock } from "../core/clock.ts";
import { randomIds } from "../core/ids.ts";

/** What importing needs beside its context. */
export interface ImportPorts {
  /** Seals the secrets that imported webhooks get. */
  settings: CipherSettings;
  /** An id as if it had been made then (epoch milliseconds): lists are ordered by their rows' ids. */
  idAt(epochMs: number): string;
}

/** The ports of production. */
export function importPorts(settings: CipherSettings): ImportPorts {
  return {
    settings,
    idAt(epochMs) {
      const then: Clock = { now: () => epochMs };
      return randomIds(then).next();
    },
  };
}

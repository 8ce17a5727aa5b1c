import type { ListedCall, RecordedCall, StoredCall } from "./gate-calls.ts";
import type { Decision, Reservation } from "./rules/sliding-window.ts";
import type { Settlement } from "./webhook-gate.ts";

/** A webhook's gate, wherever it lives. */
export interface Gate {
  reserve(call: Reservation): Promise<Decision>;
  confirm(settlement: Settlement): Promise<void>;
  release(settlement: Settlement): Promise<void>;
  recordCall(call: RecordedCall): Promise<void>;
  calls(): Promise<ListedCall[]>;
  call(id: string): Promise<StoredCall | null>;
  clear(): Promise<void>;
}

/** The gate of a webhook, by its id. */
export type Gates = (webhookId: string) => Gate;

/** The gates of production. A stub is made for each use: one that has met an error stays broken. */
export function openGates(namespace: { getByName(name: string): Gate }): Gates {
  return (webhookId) => namespace.getByName(webhookId);
}

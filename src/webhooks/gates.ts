import type { ListedCall, StoredCall } from "./gate-calls.ts";
import type { Decision } from "./rules/sliding-window.ts";
import type { Asked, Settlement } from "./webhook-gate.ts";

/** A webhook's gate, wherever it lives. */
export interface Gate {
  reserve(call: Asked, along?: Settlement | null): Promise<Decision>;
  settle(settlement: Settlement): Promise<void>;
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

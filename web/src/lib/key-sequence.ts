/** How long (ms) the second key of a sequence such as `g w` may take. */
const SEQUENCE_MS = 1_200;

/** A key that was pressed, at epoch ms. */
export interface PressedKey {
  key: string;
  at: number;
}

/** What a key led to: the shortcut that it completed, and what is waited with for another key. */
export interface KeyOutcome<Shortcut> {
  matched: Shortcut | null;
  pending: PressedKey | null;
}

/**
 * Judges a key without modifiers against shortcuts written as "?" or "g w". The first key of a sequence waits; a second
 * one that completes nothing counts as a first one.
 */
export function nextKey<Shortcut extends { keys: string }>(
  shortcuts: readonly Shortcut[],
  pending: PressedKey | null,
  pressed: PressedKey,
): KeyOutcome<Shortcut> {
  const waiting = pending !== null && pressed.at - pending.at <= SEQUENCE_MS ? pending.key : null;
  const sequence = waiting === null ? null : shortcuts.find(({ keys }) => keys === `${waiting} ${pressed.key}`);
  if (sequence) return { matched: sequence, pending: null };
  const single = shortcuts.find(({ keys }) => keys === pressed.key);
  if (single) return { matched: single, pending: null };
  const begins = shortcuts.some(({ keys }) => keys.startsWith(`${pressed.key} `));
  return { matched: null, pending: begins ? pressed : null };
}

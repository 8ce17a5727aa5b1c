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
export declare function nextKey<
  Shortcut extends {
    keys: string;
  },
>(shortcuts: readonly Shortcut[], pending: PressedKey | null, pressed: PressedKey): KeyOutcome<Shortcut>;

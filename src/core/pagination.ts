import { z } from "zod";
import { DomainError } from "./errors.ts";

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;

/** `?limit=` and `?cursor=` of every list. */
export const pageQueryFields = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE),
  cursor: z.string().max(400).optional(),
};

/** Which part of a list is wanted. `cursor` is the id of the last item seen. */
export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

/** A part of a list, and where the next part begins (`null` at the end). */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/**
 * Makes a page out of `limit + 1` rows: the extra row only tells that there is more.
 * `keyOf` gives the value that the rows are ordered by, from which the next page goes on.
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  request: PageRequest,
  keyOf: (row: Row) => string,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > request.limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}

/** Opaque to clients, so that what it holds can change. */
export function encodeCursor(key: string): string {
  return btoa(key).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const PRINTABLE = /^[\x20-\x7e]+$/;
/** The keys of lists that are ordered by a row id of our own making. */
export const UUID_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The key that `encodeCursor` was given. Throws `invalid_fields` for anything else: most words decode to some bytes,
 * and comparing with those would answer an empty last page to a cursor that was cut short.
 *
 * @param shape what the keys of this list look like
 */
export function decodeCursor(cursor: string, shape: RegExp = PRINTABLE): string {
  try {
    const key = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    if (shape.test(key)) return key;
  } catch (cause) {
    throw notACursor(cause);
  }
  throw notACursor();
}

/** The refusal of a cursor that no list gave out. */
export function notACursor(cause?: unknown): DomainError {
  return new DomainError("invalid_fields", "The cursor is not one that this API gave out. Start from the first page.", {
    details: [{ path: "cursor", message: "not a cursor of this API" }],
    cause,
  });
}

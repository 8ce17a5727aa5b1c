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

/** The key that `encodeCursor` was given. Throws `invalid_fields` for anything else. */
export function decodeCursor(cursor: string): string {
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch (cause) {
    throw new DomainError(
      "invalid_fields",
      "The cursor is not one that this API gave out. Start from the first page.",
      {
        details: [{ path: "cursor", message: "not a cursor of this API" }],
        cause,
      },
    );
  }
}

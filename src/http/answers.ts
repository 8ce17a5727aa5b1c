import { z } from "@hono/zod-openapi";
import { errorSchema } from "./app.ts";

/** A JSON answer for `createRoute`'s `responses`. */
export function jsonAnswer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A JSON body for `createRoute`'s `request`. */
export function jsonRequest<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

/**
 * What any route may answer besides its own: said once in the document. It is not among the typed responses of
 * a handler, because errors are thrown.
 */
export const errorAnswer = {
  description: "Refused: see error.code",
  content: { "application/json": { schema: errorSchema } },
};

export { pageQueryFields as pageQuery } from "../core/pagination.ts";

/** The shape of every list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

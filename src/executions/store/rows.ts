import { z } from "zod";
import { EXECUTION_STATUSES, STEP_STATUSES } from "../schema.ts";

/** The first row of a statement of a batch, checked, or `undefined` when there is none. */
export function firstRow<Schema extends z.ZodType>(
  schema: Schema,
  result: D1Result | undefined,
): z.infer<Schema> | undefined {
  const [row] = result?.results ?? [];
  return row === undefined ? undefined : schema.parse(row);
}

/** All rows of a statement of a batch, checked. */
export function allRows<Schema extends z.ZodType>(schema: Schema, result: D1Result | undefined): z.infer<Schema>[] {
  return z.array(schema).parse(result?.results ?? []);
}

export const executionRowSchema = z.object({
  id: z.string(),
  workflow_id: z.string(),
  version_id: z.string(),
  status: z.enum(EXECUTION_STATUSES),
  input: z.string(),
  deadline_at: z.number(),
  hash: z.string(),
  encoding: z.enum(["json", "gzip"]).nullable(),
  content: z.string().nullable(),
});

export const nodeSchema = z.object({ node_id: z.string() });

export const outputSchema = z.object({
  node_id: z.string(),
  output: z.string().nullable(),
  output_key: z.string().nullable(),
});

export const watchedSchema = z.object({ watched: z.number() });

export const endedSchema = z.object({ status: z.enum(["succeeded", "failed"]) });

export const stoppedSchema = z.object({ workflow_id: z.string() });

/** A step whose state a statement changed. */
export const changedSchema = z.object({ node_id: z.string(), status: z.enum(STEP_STATUSES) });

export const waitSchema = z.object({ wait: z.number() });

/** An execution that is there, and whether somebody watches its workspace. */
export const startedSchema = z.object({ id: z.string(), watched: z.number() });

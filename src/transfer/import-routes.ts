import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { idempotencyKey } from "../db/idempotency.ts";
import { settingsOf } from "../env.ts";
import { jsonAnswer } from "../http/answers.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { tellDrafts } from "../workflows/index.ts";
import { importPorts } from "./import-ports.ts";
import { CONFLICTS, importedSchema, overwrittenBy } from "./import-results.ts";
import { importUpload, type UploadPorts } from "./import-upload.ts";
import { boundaryOf, multipartFile } from "./multipart-file.ts";
import { queuedSchema } from "./queue-import.ts";
import { importStateSchema, readImport } from "./read-import.ts";

const tags = ["Transfer"];

const importQuery = z.object({
  conflict: z.enum(CONFLICTS).default("rename"),
  dryRun: z.stringbool().default(false).openapi({ type: "boolean" }),
});

const run = createRoute({
  method: "post",
  path: "/workflows/import",
  tags,
  summary: "Import workflows from an exported file, as JSON or ZIP, or as the field file of a form",
  middleware: requires("transfer.run", { body: "raw" }),
  request: { query: importQuery, headers: z.object({ "idempotency-key": z.string().optional() }) },
  responses: {
    200: jsonAnswer(importedSchema, "What became of each workflow, or would with dryRun"),
    202: jsonAnswer(queuedSchema, "Over 20 workflows or 5 MB: GET /imports/{importId} tells how far it is"),
  },
});

const read = createRoute({
  method: "get",
  path: "/imports/{id}",
  tags,
  summary: "How far the import of a large file is, and what became of its workflows",
  middleware: requires("workspace.read"),
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: { 200: jsonAnswer(importStateSchema, "The import") },
});

export const importRoutes = createRouter()
  .openapi(run, async (c) => {
    const { conflict, dryRun } = c.req.valid("query");
    const header = c.req.valid("header")["idempotency-key"];
    const outcome = await importUpload(c.var.ctx, portsOf(c), {
      pieces: piecesOfBody(c),
      conflict,
      dryRun,
      keyOf: async (fileHash) => {
        if (header === undefined) return undefined;
        return idempotencyKey("POST /workflows/import", header, { conflict, dryRun, file: await fileHash() });
      },
    });
    if (outcome.queued) return c.json({ importId: outcome.importId }, 202);
    const { ctx } = c.var;
    const feed = c.env.LIVE_FEED.getByName(ctx.workspaceId);
    // Behind the answer: nobody who imports waits for those who watch.
    c.executionCtx.waitUntil(tellDrafts(ctx, feed, overwrittenBy(outcome.imported)));
    return c.json(outcome.imported, 200);
  })
  .openapi(read, async (c) => c.json(await readImport(c.var.ctx, c.req.valid("param").id), 200));

function piecesOfBody(c: Context<AppEnv>): AsyncIterable<Uint8Array> {
  const body = c.req.raw.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  const boundary = boundaryOf(c.req.header("content-type"));
  return boundary === null ? body : multipartFile(body, boundary);
}

function portsOf(c: Context<AppEnv>): UploadPorts {
  return {
    ...importPorts(settingsOf(c.env)),
    bucket: c.env.EXPORTS,
    send: async (message) => {
      await c.env.EXECUTIONS.send(message);
    },
  };
}

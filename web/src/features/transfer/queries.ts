import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { toApiError, unreachable } from "../../api/api-error.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";
import { fileNameOf } from "../../lib/file-name.ts";

const workflow = client.api.workflows[":id"];

/** A bulk export, as the API shows it. */
export type Export = InferResponseType<typeof client.api.exports.$get, 200>["items"][number];
/** What a bulk export is asked for. */
export type BulkRequest = Parameters<(typeof client.api.workflows)["bulk-export"]["$post"]>[0]["json"];
/** What goes along with a workflow. */
export type ExportOptions = { [Name in keyof Omit<BulkRequest, "workflowIds" | "all">]-?: boolean };
export type Format = "json" | "zip";

const PAGE_SIZE = "50";
/** Live events tell each step; this is for when there is no connection. */
const POLL_MS = 3_000;

/** A file that was exported, not yet saved. */
export interface ExportedFile {
  blob: Blob;
  name: string;
  /** How many places in it look like a secret. */
  findings: number;
}

/** One workflow as a file. Throws an `ApiError`: `secrets_found` with each place, where `strict` was asked for. */
export async function exportFile(workflowId: string, options: ExportOptions, format: Format): Promise<ExportedFile> {
  const { strict, anonymize, ...included } = options;
  const response = await workflow.export
    .$get({
      param: { id: workflowId },
      query: {
        includeExecutions: flag(included.includeExecutions),
        includeKnowledge: flag(included.includeKnowledge),
        includeSchedules: flag(included.includeSchedules),
        includeWebhooks: flag(included.includeWebhooks),
        includeVersions: flag(included.includeVersions),
        anonymize: flag(anonymize),
        strict: flag(strict),
        format,
      },
    })
    .catch((cause: unknown) => {
      throw unreachable(cause);
    });
  if (!response.ok) throw await toApiError(response);
  return {
    blob: await response.blob(),
    name: fileNameOf(response.headers.get("Content-Disposition")) ?? `workflow.${format}`,
    findings: Number(response.headers.get("X-Secret-Findings") ?? 0),
  };
}

function flag(on: boolean): "true" | "false" {
  return on ? "true" : "false";
}

/** The workspace's bulk exports, newest first, followed while one is under way. */
export function useExports() {
  return usePages(
    keys.exports.list,
    (cursor) => answer(client.api.exports.$get({ query: { limit: PAGE_SIZE, ...cursor } })),
    { pollMs: (rows) => (rows.some(isUnderWay) ? POLL_MS : false) },
  );
}

/** Whether there is more to come of an export. */
export function isUnderWay({ status }: Pick<Export, "status">): boolean {
  return status === "queued" || status === "running";
}

/** Begins a bulk export and has the list show it. */
export function useBulkExport() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (json: BulkRequest) => answer(client.api.workflows["bulk-export"].$post({ json })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.exports.all }),
  });
}

/** Makes another workflow of a draft. */
export function useClone() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ workflowId, name }: { workflowId: string; name: string }) =>
      answer(workflow.clone.$post({ param: { id: workflowId }, json: { name } })),
    onSuccess: (clone) => {
      queryClient.setQueryData(keys.workflows.one(clone.id), clone);
      return queryClient.invalidateQueries({ queryKey: keys.workflows.all });
    },
  });
}

const importOf = client.api.imports[":id"];

/** What a file became, or would become: small ones within the request. */
export type Imported = InferResponseType<typeof client.api.workflows.import.$post, 200>;
/** The import of a large file, as far as it is. */
export type ImportState = InferResponseType<typeof importOf.$get, 200>;
export type ImportResult = Imported["results"][number];
export type Summary = Imported["summary"];
/** What becomes of a workflow whose name is taken. */
export type Conflict = NonNullable<Parameters<typeof client.api.workflows.import.$post>[0]["query"]["conflict"]>;

interface Upload {
  file: File;
  conflict: Conflict;
  dryRun: boolean;
  /** Makes a second press of a button import nothing. */
  key?: string;
}

/** Sends a file: what becomes of it, or the id of the import that goes on without us. */
export function sendFile({ file, conflict, dryRun, key }: Upload) {
  return answer(
    client.api.workflows.import.$post(
      {
        query: { conflict, dryRun: flag(dryRun) },
        header: key === undefined ? {} : { "idempotency-key": key },
      },
      // What a file is, is told by its first bytes and not by what a sender calls it.
      { init: { body: file, headers: { "Content-Type": "application/octet-stream" } } },
    ),
  );
}

/** The import of a large file. Nobody tells how far it is, so it is asked until it has ended. */
export function importQuery(importId: string) {
  return queryOptions({
    queryKey: keys.imports.one(importId),
    queryFn: () => answer(importOf.$get({ param: { id: importId } })),
    refetchInterval: ({ state }) => (state.data && hasEnded(state.data) ? false : 1_000),
  });
}

/** Whether an import has come to its end, good or bad. */
export function hasEnded({ status }: Pick<ImportState, "status">): boolean {
  return status === "succeeded" || status === "failed";
}

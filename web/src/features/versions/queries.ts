import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InferRequestType, InferResponseType } from "hono/client";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { usePages } from "../../api/pages.ts";
import { savesSettled } from "../../api/pending-saves.ts";
import type { Workflow } from "../workflows/index.ts";

const ofWorkflow = client.api.workflows[":id"];
const ofVersion = client.api.versions[":versionId"];

/** A commit of a workflow with its tags and statistics. */
export type Version = InferResponseType<typeof ofWorkflow.versions.$get, 200>["items"][number];
/** A version with what it holds. */
export type VersionDetail = InferResponseType<typeof ofVersion.$get, 200>;
/** What differs between two versions, or a version and the draft. */
export type Comparison = InferResponseType<(typeof ofWorkflow.versions)[":v1"]["compare"][":v2"]["$get"], 200>;
/** What a draft or a version holds. */
export type Definition = Pick<Workflow, "nodes" | "edges" | "agents" | "settings">;
type CommitBody = InferRequestType<typeof ofWorkflow.versions.$post>["json"];
type TagChange = InferRequestType<typeof ofVersion.tag.$put>["json"];
type Kind = "committed" | "auto";

const PAGE_SIZE = "50";
/** For choosing a version from a list: the most that the API gives at once. */
const LONG_PAGE = "200";

/** A workflow's history, newest first. */
export function useVersions(workflowId: string, kind: Kind | undefined) {
  return usePages(keys.versions.list(workflowId, kind ?? "all"), (cursor) =>
    answer(
      ofWorkflow.versions.$get({
        param: { id: workflowId },
        query: { limit: PAGE_SIZE, ...(kind === undefined ? {} : { kind }), ...cursor },
      }),
    ),
  );
}

/** What somebody committed, restored or imported: the versions that are chosen from. */
export function committedQuery(workflowId: string) {
  return queryOptions({
    queryKey: [...keys.versions.list(workflowId, "choice")],
    queryFn: async () => {
      const query = { limit: LONG_PAGE, kind: "committed" } as const;
      return (await answer(ofWorkflow.versions.$get({ param: { id: workflowId }, query }))).items;
    },
  });
}

/** The versions that carry a tag, however old they are. */
export function taggedQuery(workflowId: string) {
  return queryOptions({
    queryKey: [...keys.versions.list(workflowId, "tagged")],
    queryFn: async () => {
      const query = { limit: LONG_PAGE, tagged: "true" } as const;
      return (await answer(ofWorkflow.versions.$get({ param: { id: workflowId }, query }))).items;
    },
  });
}

/** One version with what it holds. By its content too: the saves of five minutes go into the same automatic version. */
export function versionQuery({ id, contentHash }: Pick<Version, "id" | "contentHash">) {
  return queryOptions({
    queryKey: [...keys.versions.one(id), contentHash],
    queryFn: () => answer(ofVersion.$get({ param: { versionId: id } })),
  });
}

/** What differs between two sides. `revision` is the draft's, where it is one of them: another draft is another question. */
export function comparisonQuery(workflowId: string, sides: { from: string; to: string; revision?: number }) {
  const { from, to } = sides;
  return queryOptions({
    queryKey: keys.versions.comparison(workflowId, sides),
    queryFn: () =>
      answer(ofWorkflow.versions[":v1"].compare[":v2"].$get({ param: { id: workflowId, v1: from, v2: to } })),
  });
}

/** Has an editor save what it holds back, and answers when the server has it: only then can the draft be looked at. */
export function savedQuery(workflowId: string) {
  return queryOptions({
    queryKey: ["saves-settled", workflowId],
    queryFn: () => savesSettled().then(() => true),
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
}

/** The header that has a change refused when somebody saved since `revision` was looked at. */
function ifMatch(revision: number) {
  return { "if-match": `"${revision}"` };
}

/** Commits the draft that was looked at. */
export function useCommit(workflowId: string) {
  const refresh = useRefresh(workflowId);
  return useMutation({
    mutationFn: ({ revision, ...json }: CommitBody & { revision: number }) =>
      answer(ofWorkflow.versions.$post({ param: { id: workflowId }, header: ifMatch(revision), json })),
    // Also when it was refused: what is on screen is then old.
    onSettled: refresh,
  });
}

/** Makes a version's content the draft again. Nothing is lost: what was there is a version too. */
export function useRestore(workflowId: string) {
  const queryClient = useQueryClient();
  const refresh = useRefresh(workflowId);
  return useMutation({
    mutationFn: ({ versionId, revision }: { versionId: string; revision: number }) =>
      answer(
        ofWorkflow.restore[":versionId"].$put({ param: { id: workflowId, versionId }, header: ifMatch(revision) }),
      ),
    onSuccess: ({ version: _version, unchanged: _unchanged, warnings: _warnings, ...workflow }) => {
      queryClient.setQueryData(keys.workflows.one(workflowId), workflow);
    },
    onSettled: refresh,
  });
}

/** Moves, shares or removes tags of a version. */
export function useTag(workflowId: string) {
  const refresh = useRefresh(workflowId);
  return useMutation({
    mutationFn: ({ versionId, change }: { versionId: string; change: TagChange }) =>
      answer(ofVersion.tag.$put({ param: { versionId }, json: change })),
    onSettled: refresh,
  });
}

function useRefresh(workflowId: string) {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: keys.versions.of(workflowId) }),
      queryClient.invalidateQueries({ queryKey: keys.workflows.one(workflowId) }),
      queryClient.invalidateQueries({ queryKey: keys.workflows.list }),
    ]);
}

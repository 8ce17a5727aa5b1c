import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { type Filter, FilterBar, PageLink, useCommands } from "../../ui/index.ts";
import { RunWorkflow } from "../executions/index.ts";
import { type Workflow, workflowQuery } from "../workflows/index.ts";
import { History } from "./history.tsx";
import { committedQuery, useVersions, type Version } from "./queries.ts";
import { versionsSearch } from "./search.ts";
import { SplitDialog } from "./split-dialog.tsx";
import { TagDialog } from "./tag-dialog.tsx";
import { useRestoring } from "./use-restoring.ts";
import "./versions.css";

const route = getRouteApi("/inside/workflows/$workflowId/versions");

const FILTERS: Filter<"kind">[] = [
  {
    kind: "choice",
    name: "kind",
    label: "Kind",
    options: [
      { value: "committed", label: "Committed" },
      { value: "auto", label: "Automatic" },
    ],
  },
];

/** A workflow's history: what was committed, by whom, where it is deployed, and how it has done since. */
export function VersionsPage() {
  const { workflowId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const workflow = useQuery(workflowQuery(workflowId));
  const list = useVersions(workflowId, search.kind);
  const mayEdit = useCan("workflows.edit");
  const restore = useRestoring(workflowId, workflow.data?.revision);
  const [open, setOpen] = useState<{ dialog: "tags" | "split" | "run"; version: Version } | null>(null);
  const close = () => setOpen(null);
  const dialogFor = (dialog: "tags" | "split" | "run") => (open?.dialog === dialog ? open.version : null);
  const show = (kind: typeof search.kind) => void navigate({ search: { kind }, replace: true });
  useCommands([
    search.kind === "committed"
      ? { id: "automatic", label: "Show automatic versions", group: "This page", keys: "a", run: () => show(undefined) }
      : {
          id: "automatic",
          label: "Hide automatic versions",
          group: "This page",
          keys: "a",
          run: () => show("committed"),
        },
  ]);

  return (
    <>
      <div className="sw-versions-head">
        <FilterBar
          filters={FILTERS}
          values={search}
          onChange={(changed) => show(versionsSearch.parse({ ...search, ...changed }).kind)}
        />
        {workflow.data && <DraftLine workflow={workflow.data} />}
      </div>
      <History
        workflowId={workflowId}
        list={list}
        filtered={search.kind !== undefined}
        mayEdit={mayEdit}
        showAll={
          <Button variant="default" onClick={() => show(undefined)}>
            Show all versions
          </Button>
        }
        on={{
          restore,
          tags: (version) => setOpen({ dialog: "tags", version }),
          split: (version) => setOpen({ dialog: "split", version }),
          run: (version) => setOpen({ dialog: "run", version }),
        }}
      />
      <TagDialog workflowId={workflowId} version={dialogFor("tags")} onClose={close} />
      <SplitDialog workflowId={workflowId} version={dialogFor("split")} onClose={close} />
      <RunWorkflow
        opened={open?.dialog === "run"}
        onClose={close}
        workflowId={workflowId}
        version={dialogFor("run")?.version}
      />
    </>
  );
}

/** Whether there is something to commit, and the way to see it. */
function DraftLine({ workflow: { id, dirty } }: { workflow: Workflow }) {
  const committed = useQuery(committedQuery(id)).data;
  if (committed === undefined) return null;
  if (!dirty) return <span className="sw-muted">The draft is as it was committed.</span>;
  if (committed.length === 0) return <span className="sw-muted">The draft is not committed yet.</span>;
  return (
    <span className="sw-muted">
      The draft has changes that are not committed.{" "}
      <PageLink to="/workflows/$workflowId/compare" params={{ workflowId: id }} search={{}} underline="always">
        See what changed
      </PageLink>
    </span>
  );
}

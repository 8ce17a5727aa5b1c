import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { EmptyState, LinesSkeleton, Loaded } from "../../ui/index.ts";
import { type Workflow, workflowQuery } from "../workflows/index.ts";
import { partChanges } from "./changes.ts";
import { Changes } from "./changes-view.tsx";
import { CompareGraph } from "./compare-graph.tsx";
import { CompareSides } from "./compare-sides.tsx";
import { CompareStatistics } from "./compare-statistics.tsx";
import { CompareSummary } from "./compare-summary.tsx";
import {
  type Comparison,
  committedQuery,
  comparisonQuery,
  type Definition,
  type Version,
  versionQuery,
} from "./queries.ts";
import { inAddress } from "./reference.ts";
import "./versions.css";

const route = getRouteApi("/inside/workflows/$workflowId/compare");

/** Any two versions of a workflow, or a version and the draft, side by side. */
export function CompareVersionsPage() {
  const { workflowId } = route.useParams();
  const workflow = useQuery(workflowQuery(workflowId));
  const committed = useQuery(committedQuery(workflowId));
  return (
    <Loaded query={workflow} title="The workflow could not be loaded">
      {(loaded) => (
        <Loaded query={committed} title="The versions could not be loaded">
          {(versions) => <Sides workflow={loaded} versions={versions} />}
        </Loaded>
      )}
    </Loaded>
  );
}

/** Without a choice: what the draft changed since it was committed, or where it never was, since it was executed. */
function Sides({ workflow, versions }: { workflow: Workflow; versions: readonly Version[] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const to = String(search.to ?? "draft");
  const earlier = versions.find(({ version }) => search.to === undefined || String(version) !== to);
  const from = search.from === undefined ? (earlier ?? workflow.headVersion)?.version.toString() : String(search.from);
  const choose = (sides: { from: string; to: string }) =>
    void navigate({ search: { from: inAddress(sides.from), to: inAddress(sides.to) }, replace: true });
  if (from === undefined) {
    return (
      <EmptyState title="Nothing to compare yet">
        Commit a version first. Then everything that changes after it is shown here, field by field.
      </EmptyState>
    );
  }
  return (
    <>
      <CompareSides workflowId={workflow.id} versions={versions} from={from} to={to} onChoose={choose} />
      <Compared workflow={workflow} from={from} to={to} />
    </>
  );
}

function Compared({ workflow, from, to }: { workflow: Workflow; from: string; to: string }) {
  const ofDraft = from === "draft" || to === "draft" ? { revision: workflow.revision } : {};
  const comparison = useQuery({
    ...comparisonQuery(workflow.id, { from, to, ...ofDraft }),
    // Another choice takes a moment: until then what is there stays.
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={comparison} title="The two could not be compared" skeleton={<LinesSkeleton lines={8} />}>
      {(differences) => (
        <WithDefinition workflow={workflow} side={differences.from}>
          {(before) => (
            <WithDefinition workflow={workflow} side={differences.to}>
              {(after) => <Comparing workflow={workflow} comparison={differences} before={before} after={after} />}
            </WithDefinition>
          )}
        </WithDefinition>
      )}
    </Loaded>
  );
}

interface WithDefinitionProps {
  workflow: Workflow;
  side: Comparison["from"];
  children: (definition: Definition) => ReactNode;
}

function WithDefinition({ workflow, side, children }: WithDefinitionProps) {
  return side.draft ? children(workflow) : <OfVersion version={side}>{children}</OfVersion>;
}

function OfVersion({ version, children }: { version: Version; children: WithDefinitionProps["children"] }) {
  const detail = useQuery(versionQuery(version));
  return (
    <Loaded
      query={detail}
      title={`Version ${version.version} could not be loaded`}
      skeleton={<LinesSkeleton lines={8} />}
    >
      {({ workflowData }) => children(workflowData)}
    </Loaded>
  );
}

interface ComparingProps {
  workflow: Workflow;
  comparison: Comparison;
  before: Definition;
  after: Definition;
}

function Comparing({ workflow, comparison, before, after }: ComparingProps) {
  const { node } = route.useSearch();
  const navigate = route.useNavigate();
  const changes = partChanges(comparison, before, after);
  const selected = node === undefined ? undefined : String(node);
  const select = (id: string | undefined) =>
    void navigate({
      search: (old) => ({ ...old, node: id === undefined ? undefined : inAddress(id) }),
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <CompareSummary comparison={comparison} />
      <CompareGraph
        label={`Graph of ${workflow.name}, with what differs`}
        before={before}
        after={after}
        changes={changes}
        selected={selected}
        onSelect={select}
      />
      <CompareStatistics comparison={comparison} />
      <Changes comparison={comparison} changes={changes} selected={selected} onWhole={() => select(undefined)} />
    </>
  );
}

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Loaded } from "../../ui/index.ts";
import { GraphCanvas } from "../graph/index.ts";
import { workflowQuery } from "../workflows/index.ts";

const route = getRouteApi("/inside/workflows/$workflowId");

/** A workflow's draft: its graph. */
export function EditorPage() {
  const { workflowId } = route.useParams();
  const workflow = useQuery(workflowQuery(workflowId));
  return (
    <Loaded query={workflow} title="The workflow could not be loaded">
      {(draft) => <GraphCanvas label={`Graph of ${draft.name}`} graph={draft} height="560px" />}
    </Loaded>
  );
}

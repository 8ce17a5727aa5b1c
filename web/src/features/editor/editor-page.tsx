import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Loaded } from "../../ui/index.ts";
import { workflowQuery } from "../workflows/index.ts";
import { Editor } from "./editor.tsx";

const route = getRouteApi("/inside/workflows/$workflowId");

/** A workflow's draft, to be edited as a graph. */
export function EditorPage() {
  const { workflowId } = route.useParams();
  const workflow = useQuery(workflowQuery(workflowId));
  return (
    <Loaded query={workflow} title="The workflow could not be loaded">
      {(loaded) => <Editor key={loaded.id} workflow={loaded} />}
    </Loaded>
  );
}

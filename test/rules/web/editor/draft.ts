import { type Draft, draftOf } from "../../../../web/src/features/editor/state/draft.ts";
import { graphOf } from "../../../support/workflows.ts";

/** A draft of that graph, as the API would answer it. */
export function draft(...edges: string[]): Draft {
  const graph = graphOf(edges);
  return draftOf({
    ...graph,
    id: "w",
    name: "A graph",
    description: null,
    settings: {},
    revision: 1,
    headVersion: null,
    dirty: false,
    createdAt: "",
    updatedAt: "",
  });
}

/** Letters for new ids, one after another: "1", "2". */
export function letters(): () => string {
  let count = 0;
  return () => String(++count);
}

import { PageLink } from "../../ui/index.ts";
import type { Entry } from "./queries.ts";

const WORDS = { person: "A person", agent: "An agent", import: "An imported file" } as const satisfies Record<
  Entry["source"],
  string
>;

/** Where an entry came from, with the way to the execution that an agent learned it in. */
export function Source({ source, executionId, nodeId }: Pick<Entry, "source" | "executionId" | "nodeId">) {
  if (executionId === null) return WORDS[source];
  return (
    <PageLink
      to="/executions/$executionId"
      params={{ executionId }}
      search={nodeId === null ? {} : { step: nodeId }}
      title="The execution that it was learned in"
    >
      {WORDS[source]}
    </PageLink>
  );
}

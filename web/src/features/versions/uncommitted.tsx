import { useQuery } from "@tanstack/react-query";
import { LinesSkeleton, Loaded } from "../../ui/index.ts";
import type { Workflow } from "../workflows/index.ts";
import { ChangeList } from "./change-list.tsx";
import { partChanges } from "./changes.ts";
import { committedQuery, comparisonQuery, type Version, versionQuery } from "./queries.ts";

/** What the draft changed since the newest version that somebody committed. */
export function Uncommitted({ workflow }: { workflow: Workflow }) {
  const committed = useQuery(committedQuery(workflow.id));
  return (
    <Loaded query={committed} skeleton={<LinesSkeleton lines={2} />} title="What changed could not be loaded">
      {([newest]) =>
        newest ? (
          <Since workflow={workflow} version={newest} />
        ) : (
          <p>Nobody has committed a version of this workflow yet: there is nothing to compare the draft with.</p>
        )
      }
    </Loaded>
  );
}

function Since({ workflow, version }: { workflow: Workflow; version: Version }) {
  const sides = { from: String(version.version), to: "draft", revision: workflow.revision };
  const comparison = useQuery(comparisonQuery(workflow.id, sides));
  const before = useQuery(versionQuery(version));
  return (
    <Loaded query={comparison} skeleton={<LinesSkeleton lines={2} />} title="What changed could not be loaded">
      {(differences) => (
        <Loaded query={before} skeleton={<LinesSkeleton lines={2} />} title="What changed could not be loaded">
          {({ workflowData }) => {
            const changes = partChanges(differences, workflowData, workflow);
            if (changes.length === 0 && !differences.summary.reordered) {
              return <p>Nothing has changed since version {version.version}.</p>;
            }
            return (
              <>
                <p>Since version {version.version}:</p>
                <ChangeList changes={changes} reordered={differences.summary.reordered} />
              </>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

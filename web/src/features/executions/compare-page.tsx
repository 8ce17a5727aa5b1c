import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ButtonLink, EmptyState, Loaded, Page, PageLink } from "../../ui/index.ts";
import { CompareFacts } from "./compare-facts.tsx";
import { CompareSteps } from "./compare-steps.tsx";
import { type ExecutionDetail, executionQuery } from "./queries.ts";
import "./executions.css";

const route = getRouteApi("/inside/executions/compare");

/** Two executions side by side: what they took, what went in, and each step's part. */
export function ComparePage() {
  const { left, right } = route.useSearch();
  return (
    <Page
      title="Compare executions"
      sentence="The older one stands at the left. What differs is marked."
      crumbs={[
        <PageLink key="list" to="/executions">
          Executions
        </PageLink>,
      ]}
    >
      {left === undefined || right === undefined ? (
        <EmptyState title="Nothing to compare" action={<ButtonLink to="/executions">Go to executions</ButtonLink>}>
          Open an execution and choose Compare: it asks which other one to set beside it.
        </EmptyState>
      ) : (
        <Both left={left} right={right} />
      )}
    </Page>
  );
}

function Both({ left, right }: { left: string; right: string }) {
  const first = useQuery(executionQuery(left));
  const second = useQuery(executionQuery(right));
  return (
    <Loaded query={first} title="The execution at the left could not be loaded">
      {(before) => (
        <Loaded query={second} title="The execution at the right could not be loaded">
          {(after) => <Comparison before={before} after={after} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function Comparison({ before, after }: { before: ExecutionDetail; after: ExecutionDetail }) {
  return (
    <>
      <CompareFacts before={before} after={after} />
      <CompareSteps before={before} after={after} />
    </>
  );
}

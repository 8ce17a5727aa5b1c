import type { ReactNode } from "react";
import { shortId } from "../../lib/ids.ts";
import { CodeText, Duration, JsonView, Money, PageLink, RelativeTime, StatusBadge, Tokens } from "../../ui/index.ts";
import type { ExecutionDetail } from "./queries.ts";

interface CompareFactsProps {
  before: ExecutionDetail;
  after: ExecutionDetail;
}

interface Fact {
  name: string;
  show: (execution: ExecutionDetail) => ReactNode;
  /** What is compared; left out where a difference says nothing. */
  value?: (execution: ExecutionDetail) => unknown;
}

const FACTS: readonly Fact[] = [
  { name: "Created", show: ({ createdAt }) => <RelativeTime at={createdAt} /> },
  { name: "Status", show: ({ status }) => <StatusBadge status={status} />, value: ({ status }) => status },
  { name: "Version", show: ({ version }) => version, value: ({ versionId }) => versionId },
  { name: "Duration", show: ({ durationMs }) => <Duration ms={durationMs} />, value: ({ durationMs }) => durationMs },
  { name: "Cost", show: ({ costNanoUsd }) => <Money nanoUsd={costNanoUsd} />, value: ({ costNanoUsd }) => costNanoUsd },
  {
    name: "Tokens",
    show: (execution) => <Tokens count={tokens(execution)} />,
    value: tokens,
  },
  { name: "Input", show: ({ input }) => <Input value={input} />, value: ({ input }) => JSON.stringify(input) },
];

/** What two executions took, fact by fact. */
export function CompareFacts({ before, after }: CompareFactsProps) {
  return (
    <table className="sw-table sw-compare" aria-label="What they took">
      <thead>
        <tr>
          <th scope="col" style={{ width: "120px" }}>
            Fact
          </th>
          {[before, after].map(({ id }, place) => (
            <th key={place === 0 ? "left" : "right"} scope="col">
              <PageLink to="/executions/$executionId" params={{ executionId: id }}>
                {place === 0 ? "Left" : "Right"} <span className="sw-mono">{shortId(id)}</span>
              </PageLink>
            </th>
          ))}
          <th scope="col" style={{ width: "96px" }}>
            Compared
          </th>
        </tr>
      </thead>
      <tbody>
        {FACTS.map(({ name, show, value }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{show(before)}</td>
            <td>{show(after)}</td>
            <td>{value && <Verdict same={value(before) === value(after)} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whether two things are the same, in a word. */
export function Verdict({ same }: { same: boolean }) {
  return same ? <span className="sw-muted">Same</span> : <b>Differs</b>;
}

function Input({ value }: { value: unknown }) {
  if (value === null) return <span className="sw-muted">None</span>;
  return typeof value === "string" ? <CodeText text={value} what="input" /> : <JsonView value={value} what="input" />;
}

function tokens({ inputTokens, outputTokens }: ExecutionDetail): number {
  return inputTokens + outputTokens;
}

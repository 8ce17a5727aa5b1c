import { Button } from "@mantine/core";
import { ButtonLink, Section } from "../../ui/index.ts";
import { ResultSummary, ResultTable } from "./import-results.tsx";
import type { Imported } from "./queries.ts";

interface ImportOutcomeProps extends Pick<Imported, "results" | "summary"> {
  onAnother: () => void;
}

/** What became of a file. */
export function ImportOutcome({ results, summary, onAnother }: ImportOutcomeProps) {
  return (
    <Section
      title="What became of it"
      sentence="Schedules arrived paused and webhooks with new secrets: look at both before you rely on them."
      action={
        <>
          <Button variant="default" onClick={onAnother}>
            Import another file
          </Button>
          <ButtonLink to="/workflows">Go to workflows</ButtonLink>
        </>
      }
    >
      <ResultSummary summary={summary} planned={false} />
      <ResultTable label="Results" results={results} planned={false} />
    </Section>
  );
}

import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { keys } from "../../api/keys.ts";
import { Loaded, Section } from "../../ui/index.ts";
import { ImportOutcome } from "./import-outcome.tsx";
import { ImportProgress } from "./import-progress.tsx";
import { Places } from "./places.tsx";
import { hasEnded, importQuery } from "./queries.ts";

/** The import of a large file as it goes. It has an address, so that one may leave and come back. */
export function ImportRun({ importId, onAnother }: { importId: string; onAnother: () => void }) {
  const query = useQuery(importQuery(importId));
  const queryClient = useQueryClient();
  const status = query.data?.status;
  useEffect(() => {
    if (status === "succeeded") void queryClient.invalidateQueries({ queryKey: keys.workflows.all });
  }, [status, queryClient]);
  const another = (
    <Button variant="default" onClick={onAnother}>
      Import another file
    </Button>
  );
  return (
    <Loaded query={query} title="The import could not be loaded">
      {(state) => {
        if (state.status === "succeeded") return <ImportOutcome {...state} onAnother={onAnother} />;
        if (!hasEnded(state)) {
          return (
            <Section
              title="Importing"
              sentence="You may leave this page: it goes on, and this address leads back here."
            >
              <ImportProgress words="Importing" done={state.done} total={state.total} />
            </Section>
          );
        }
        return (
          <Section
            title="Nothing was imported"
            sentence="The file has faults. Mend them and try again."
            action={another}
          >
            <div className="sw-notice-box" data-meaning="failed" role="alert">
              <Places label="Faults" places={state.errors} />
            </div>
          </Section>
        );
      }}
    </Loaded>
  );
}

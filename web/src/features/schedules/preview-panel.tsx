import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError } from "../../api/api-error.ts";
import { cronFault } from "../../api/client.ts";
import { ErrorState, LinesSkeleton } from "../../ui/index.ts";
import { type Draft, dstOf } from "./draft.ts";
import { NextRuns } from "./next-runs.tsx";
import { previewQuery } from "./queries.ts";
import { isoOfField } from "./zone-time.ts";

const TYPING_MS = 250;

/**
 * What a draft's times mean, asked of the server a moment after the last change. `fault` is what is wrong with the cron
 * expression by the server's own rule, which is not asked about then.
 */
export function usePreview({ starts, cronExpression, timezone, gap, repeated, startAt }: Draft) {
  const asked = useMemo(
    () => ({ cronExpression, timezone, dst: dstOf({ gap, repeated }), ...fromOf(startAt) }),
    [cronExpression, timezone, gap, repeated, startAt],
  );
  const [settled] = useDebouncedValue(asked, TYPING_MS);
  const fault = useMemo(() => cronFault(settled.cronExpression), [settled.cronExpression]);
  const query = useQuery({ ...previewQuery(settled), enabled: fault === null && starts === "times" });
  return { query, fault, current: settled === asked };
}

/** Just before the first moment, because the runs that are told lie strictly behind. Nothing once that is over. */
function fromOf(startAt: string): { from?: string } {
  const from = Date.parse(isoOfField(startAt) ?? "");
  return from > Date.now() ? { from: new Date(from - 1).toISOString() } : {};
}

interface PreviewPanelProps {
  preview: ReturnType<typeof usePreview>;
  draft: Draft;
}

/** The sentence and the next five runs. */
export function PreviewPanel({ preview: { query, fault, current }, draft }: PreviewPanelProps) {
  const { data, error } = query;
  const until = isoOfField(draft.endAt);
  if (fault !== null || (error instanceof ApiError && error.status === 422)) {
    return <p className="sw-muted">The next runs appear here once the fields say when.</p>;
  }
  if (error) {
    return <ErrorState error={error} title="The next runs are not known" retry={() => void query.refetch()} />;
  }
  if (data === undefined) return <LinesSkeleton lines={6} />;
  const runs = until === null ? data.runs : data.runs.filter((run) => run <= until);
  return (
    <div className="sw-preview" data-old={!current || query.isPlaceholderData} aria-live="polite">
      <p className="sw-preview-words">{data.description}</p>
      {runs.length === 0 ? (
        <p className="sw-muted">It ends before it would run for the first time.</p>
      ) : (
        <NextRuns runs={runs} notes={data.notes} timezone={draft.timezone} />
      )}
    </div>
  );
}

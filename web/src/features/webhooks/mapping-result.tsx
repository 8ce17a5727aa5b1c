import { ApiError } from "../../api/api-error.ts";
import { ErrorState, JsonView, LinesSkeleton } from "../../ui/index.ts";
import type { useTried } from "./use-tried.ts";

interface MappingResultProps {
  tried: ReturnType<typeof useTried>;
  hasPayload: boolean;
  /** Rows are not complete, or their expressions not finished: nothing was asked. */
  faulty: boolean;
}

/** The input that the mapping makes of the payload, or why it makes none. */
export function MappingResult({ tried: { query }, hasPayload, faulty }: MappingResultProps) {
  if (!hasPayload) return <p className="sw-muted">Choose or paste a payload to see the input that it makes.</p>;
  if (faulty)
    return <p className="sw-muted">The input appears here once each field has a name and a whole expression.</p>;
  if (
    query.error instanceof ApiError &&
    query.error.details.some(({ path }) => path.startsWith("payloadTransformer"))
  ) {
    return (
      <p className="sw-form-fault" role="alert">
        A call with this payload would be refused: see the fields that are marked.
      </p>
    );
  }
  if (query.error) return <ErrorState error={query.error} title="A call with this payload would be refused" />;
  if (query.data === undefined) return <LinesSkeleton />;
  return (
    <div data-old={query.isPlaceholderData} aria-live="polite">
      <p className="sw-fact-name">The resulting input</p>
      <JsonView value={query.data.transformedInput} what="input" />
    </div>
  );
}

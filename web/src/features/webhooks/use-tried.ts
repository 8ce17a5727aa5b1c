import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ApiError } from "../../api/api-error.ts";
import { type MappingRow, placeOf } from "./mapping-rows.ts";
import { type Tried, triedQuery } from "./queries.ts";

interface Trial {
  webhookId: string;
  /** Null while there is no payload. */
  source: { payload: unknown } | { callId: string } | null;
  mapping: Record<string, string> | null;
  /** False while somebody types, or rows are not complete. */
  settled: boolean;
}

/** What the server makes of a payload by a mapping that may not be saved yet. */
export function useTried({ webhookId, source, mapping, settled }: Trial) {
  const asked: Tried | null = source && { ...source, payloadTransformer: mapping };
  const query = useQuery({
    ...triedQuery(webhookId, asked ?? {}),
    enabled: asked !== null && settled,
    placeholderData: keepPreviousData,
  });
  const refusal = query.error instanceof ApiError ? query.error : null;
  return {
    asked,
    query,
    /** What is wrong with single rows, by their keys. */
    faultsOf: (rows: readonly MappingRow[]): Map<string, string> =>
      new Map(
        rows.flatMap((row) => {
          const fault = refusal?.detailOf(placeOf(row));
          return fault === undefined ? [] : [[row.key, fault]];
        }),
      ),
  };
}

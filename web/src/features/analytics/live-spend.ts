import { useState } from "react";
import type { LiveEvent } from "../../api/client.ts";
import { useLiveEvents } from "../../api/live.tsx";
import type { AnalyticsQuery } from "./asked.ts";

type CostEvent = Extract<LiveEvent, { type: "cost" }>;

/** What was spent since the sums were asked for. */
export interface LiveSpend {
  nanoUsd: number;
  calls: number;
}

const NOTHING: LiveSpend = { nanoUsd: 0, calls: 0 };

/**
 * What calls have cost since the sums that are on screen came (`sumsAt`, epoch ms): added to them until the next ones,
 * which hold it, come. An event that arrives while those are on their way is left out, so that nothing counts twice.
 */
export function useLiveSpend(sumsAt: number, query: AnalyticsQuery): LiveSpend {
  const [since, setSince] = useState({ sumsAt, ...NOTHING });
  useLiveEvents((event) => {
    if (event.type !== "cost" || !fits(event, query)) return;
    setSince((before) => {
      const { nanoUsd, calls } = before.sumsAt === sumsAt ? before : NOTHING;
      return { sumsAt, nanoUsd: nanoUsd + (event.costNanoUsd ?? 0), calls: calls + 1 };
    });
  });
  return since.sumsAt === sumsAt ? since : NOTHING;
}

function fits(event: CostEvent, { workflowId, provider, model }: AnalyticsQuery): boolean {
  return (
    (workflowId === undefined || event.workflowId === workflowId) &&
    (provider === undefined || event.provider === provider) &&
    (model === undefined || event.model === model)
  );
}

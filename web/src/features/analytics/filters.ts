import { useQuery } from "@tanstack/react-query";
import { providersQuery } from "../../api/providers.ts";
import type { RangeName } from "../../lib/day-range.ts";
import { timeZones } from "../../lib/time-zones.ts";
import { type Filter, providerName } from "../../ui/index.ts";
import { useWorkflowNames } from "../executions/index.ts";
import type { Asked } from "./asked.ts";
import type { Costs } from "./queries.ts";
import type { AnalyticsSearch } from "./search.ts";

const RANGE_NAMES = {
  today: "Today",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
  month: "This month",
  "last-month": "Last month",
  "12m": "Last 12 months",
} as const satisfies Record<RangeName, string>;

const RANGE_OPTIONS = Object.entries(RANGE_NAMES).map(([value, label]) => ({ value, label }));
const ZONE_OPTIONS = timeZones().map((zone) => ({ value: zone, label: zone }));

type FilterName = "range" | "from" | "to" | "workflow" | "provider" | "model" | "zone";

/** The filters of the page. What can be chosen is what there is, and what the address names already. */
export function useFilters(search: AnalyticsSearch, asked: Asked, costs: Costs | undefined): Filter<FilterName>[] {
  const workflows = useWorkflowNames();
  const providers = useQuery(providersQuery).data?.items;
  const custom = search.from !== undefined || search.to !== undefined;
  const workflowOptions = [
    ...(workflows ?? []).map(({ id, name }) => ({ value: id, label: name })),
    ...(costs?.byWorkflow ?? []).map(({ id, name }) => ({ value: id, label: `${name ?? id.slice(-8)} (deleted)` })),
  ];
  const models = [
    ...(costs?.byModel ?? []).map(({ model }) => model),
    ...(providers ?? [])
      .filter(({ provider }) => search.provider === undefined || provider === search.provider)
      .flatMap((each) => each.models.map(({ id }) => id)),
  ];
  return [
    {
      kind: "choice",
      name: "range",
      label: "Range",
      placeholder: custom ? "Custom range" : RANGE_NAMES["30d"],
      options: RANGE_OPTIONS,
    },
    { kind: "date", name: "from", label: "From" },
    { kind: "date", name: "to", label: "To" },
    {
      kind: "choice",
      name: "workflow",
      label: "Workflow",
      searchable: true,
      options: unique(workflowOptions, search.workflow),
    },
    {
      kind: "choice",
      name: "provider",
      label: "Provider",
      options: unique(
        (providers ?? []).map(({ provider }) => ({ value: provider, label: providerName(provider) })),
        search.provider,
      ),
    },
    {
      kind: "choice",
      name: "model",
      label: "Model",
      searchable: true,
      options: unique(
        models.map((model) => ({ value: model, label: model })),
        search.model,
      ),
    },
    {
      kind: "choice",
      name: "zone",
      label: "Time zone",
      searchable: true,
      placeholder: asked.zone,
      options: ZONE_OPTIONS,
    },
  ];
}

/** What a change of the filters puts into the address: a range by name and days of one's own exclude each other. */
export function changedSearch(changed: Partial<Record<keyof AnalyticsSearch, string | undefined>>) {
  if (changed.range !== undefined) return { ...changed, from: undefined, to: undefined };
  if (changed.from !== undefined || changed.to !== undefined) return { ...changed, range: undefined };
  // A model of one provider is none of another's.
  return "provider" in changed ? { ...changed, model: changed.model } : changed;
}

interface Option {
  value: string;
  label: string;
}

/** Each once, the first of them; with the one that is chosen, whatever it is, so that it can be seen and taken away. */
function unique(options: readonly Option[], chosen: string | undefined): Option[] {
  const known = new Map<string, Option>();
  for (const option of options) if (!known.has(option.value)) known.set(option.value, option);
  if (chosen !== undefined && !known.has(chosen)) known.set(chosen, { value: chosen, label: chosen });
  return [...known.values()];
}

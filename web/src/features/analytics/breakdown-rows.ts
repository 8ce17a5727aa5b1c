import type { Costs, Usage } from "./queries.ts";
import type { AnalyticsSearch, DIMENSIONS } from "./search.ts";

export type Dimension = (typeof DIMENSIONS)[number];

/** What of a breakdown's row tells it apart, whatever the dimension is. */
export interface Named {
  key: string;
  /** As it is shown; a model's stands with its provider. */
  name: string;
  provider?: string;
  deleted?: boolean;
  /** The filters that narrow the page down to it; null where the API has none. */
  narrows: Partial<Record<keyof AnalyticsSearch, string>> | null;
}

/** The sums of a row of costs. */
export type CostFields = Omit<Costs["byProvider"][number], "provider">;
/** The sums of a row of tokens. */
export type TokenFields = Omit<Usage["byProvider"][number], "provider">;

type Entry<Fields> = Fields & {
  id?: string;
  name?: string | null;
  deleted?: boolean;
  role?: string;
  provider?: string;
  model?: string;
};

/** The rows of one dimension, each with what names it. */
export function rowsBy<Fields>(
  dimension: Dimension,
  {
    byWorkflow,
    byProvider,
    byModel,
    byRole,
  }: Record<"byWorkflow" | "byProvider" | "byModel" | "byRole", Entry<Fields>[]>,
): (Fields & Named)[] {
  const entries = { workflow: byWorkflow, provider: byProvider, model: byModel, role: byRole }[dimension];
  return entries.map((entry) => ({ ...entry, ...namedOf(dimension, entry) }));
}

function namedOf(
  dimension: Dimension,
  { id = "", name, deleted = false, role = "", provider = "", model = "" }: Entry<unknown>,
): Named {
  switch (dimension) {
    case "workflow":
      return { key: id, name: name ?? id.slice(-8), deleted, narrows: { workflow: id } };
    case "provider":
      return { key: provider, name: provider, provider, narrows: { provider, by: "model" } };
    case "model":
      return { key: `${provider} ${model}`, name: model, provider, narrows: { provider, model, by: "workflow" } };
    case "role":
      return { key: role, name: role, narrows: null };
  }
}

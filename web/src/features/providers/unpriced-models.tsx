import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { keys } from "../../api/keys.ts";
import { useLiveRefresh } from "../../api/live.tsx";
import { wholeList } from "../../api/pages.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import {
  type Column,
  DataTable,
  ErrorState,
  ModelChip,
  notifyDone,
  notifyFailed,
  RelativeTime,
  Section,
  Tokens,
} from "../../ui/index.ts";
import type { PriceStart } from "./add-price.tsx";
import { type Unpriced, unpricedQuery, useReprice } from "./price-queries.ts";
import { pricedWords } from "./priced-words.ts";
import { PROVIDERS } from "./search.ts";

interface UnpricedModelsProps {
  mayPrice: boolean;
  /** Opens the form for a model's price. */
  onSetPrice: (start: PriceStart) => void;
}

const REASONS = {
  no_price: "No price is known",
  no_usage: "No tokens were counted, though it may be billed",
} as const satisfies Record<Unpriced["reason"], string>;

/** The models whose calls could not be priced, with what to do. Takes no room where there are none. */
export function UnpricedModels({ mayPrice, onSetPrice }: UnpricedModelsProps) {
  const unpriced = useQuery(unpricedQuery);
  const reprice = useReprice();
  useLiveRefresh(keys.pricing.unpriced, (event) => event.type === "cost" && event.costNanoUsd === null);
  if (unpriced.data === undefined) {
    return unpriced.error ? (
      <ErrorState
        error={unpriced.error}
        title="The calls without a price could not be loaded"
        retry={() => void unpriced.refetch()}
      />
    ) : null;
  }
  if (unpriced.data.items.length === 0) return null;
  const columns: Column<Unpriced>[] = [
    { id: "model", header: "Model", cell: ({ provider, model }) => <ModelChip provider={provider} model={model} /> },
    { id: "reason", header: "Because", cell: ({ reason }) => REASONS[reason] },
    {
      id: "calls",
      header: "Calls",
      align: "right",
      width: "80px",
      cell: ({ calls }) => <span className="sw-number">{formatExactCount(calls)}</span>,
    },
    {
      id: "tokens",
      header: "Tokens",
      align: "right",
      width: "80px",
      low: true,
      cell: (it) => <Tokens count={it.inputTokens + it.outputTokens} />,
    },
    {
      id: "first",
      header: "First",
      align: "right",
      width: "104px",
      low: true,
      cell: (it) => <RelativeTime at={it.firstAt} />,
    },
    { id: "last", header: "Last", align: "right", width: "104px", cell: (it) => <RelativeTime at={it.lastAt} /> },
    ...(mayPrice
      ? [
          {
            id: "actions",
            header: "",
            align: "right" as const,
            width: "112px",
            cell: (row: Unpriced) =>
              row.reason === "no_price" && (
                <Button size="xs" variant="default" onClick={() => onSetPrice(startOf(row))}>
                  Set price
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <Section
      title="Calls without a price"
      sentence="What they cost is in no sum until it is known."
      action={
        mayPrice && (
          <Group gap="sm">
            <Button
              size="xs"
              variant="default"
              loading={reprice.isPending}
              onClick={() =>
                reprice.mutate(
                  {},
                  {
                    onSuccess: (priced) => notifyDone(pricedWords(priced)),
                    onError: (error) => notifyFailed(error, "Not all calls were priced. Those that were stay so."),
                  },
                )
              }
            >
              Reprice
            </Button>
          </Group>
        )
      }
    >
      <DataTable
        label="Calls without a price"
        columns={columns}
        list={wholeList(unpriced, ({ items }) => items)}
        rowKey={({ provider, model, reason }) => `${provider} ${model} ${reason}`}
        empty={null}
      />
    </Section>
  );
}

/** A price from the first of its calls on, so that it prices all of them. */
function startOf({ provider: name, model, firstAt }: Unpriced): PriceStart {
  const provider = PROVIDERS.find((each) => each === name);
  return { ...(provider === undefined ? {} : { provider }), model, from: firstAt.slice(0, 10), reprice: true };
}

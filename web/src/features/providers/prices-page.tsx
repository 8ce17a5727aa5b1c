import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { wholeList } from "../../api/pages.ts";
import { providersQuery } from "../../api/providers.ts";
import { formatPrice } from "../../lib/price.ts";
import { formatTokens } from "../../lib/tokens.ts";
import {
  type Column,
  DataTable,
  EmptyState,
  type Filter,
  FilterBar,
  ModelChip,
  Page,
  providerName,
  Section,
  useCommands,
  useNow,
} from "../../ui/index.ts";
import { AddPrice, type PriceStart } from "./add-price.tsx";
import { PriceDetails } from "./price-details.tsx";
import { ownPricesQuery } from "./price-queries.ts";
import { fitsPrices, type PricedModel, pricedModels } from "./priced-models.ts";
import { ProvidersTabs } from "./providers-tabs.tsx";
import { RetiredMark } from "./retired-mark.tsx";
import { PROVIDERS, pricesSearch } from "./search.ts";
import { UnpricedModels } from "./unpriced-models.tsx";
import "./providers.css";

const route = getRouteApi("/inside/providers/prices");

/** What models cost, by whom that is set, and which calls could not be priced. */
export function PricesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const providers = useQuery(providersQuery);
  const own = useQuery(ownPricesQuery);
  const mayPrice = useCan("prices.manage");
  const [adding, setAdding] = useState<PriceStart | null>(null);
  const [shown, setShown] = useState<PricedModel | null>(null);
  useCommands(
    mayPrice ? [{ id: "add", label: "Add price", group: "This page", keys: "c", run: () => setAdding({}) }] : [],
  );
  const both = {
    data: providers.data && own.data && { items: providers.data.items, own: own.data },
    error: providers.error ?? own.error,
    refetch: () => Promise.all([providers.refetch(), own.refetch()]),
  };
  const list = wholeList(both, (data) =>
    pricedModels(data.items, data.own, now).filter((model) => fitsPrices(model, search, now)),
  );
  const filters: Filter<keyof typeof search>[] = [
    { kind: "text", name: "q", label: "Model" },
    {
      kind: "choice",
      name: "provider",
      label: "Provider",
      options: PROVIDERS.map((value) => ({ value, label: providerName(value) })),
    },
    {
      kind: "choice",
      name: "source",
      label: "Set by",
      options: [
        { value: "workspace", label: "This workspace" },
        { value: "catalogue", label: "The catalogue" },
      ],
    },
    {
      kind: "choice",
      name: "retired",
      label: "Retired models",
      options: [{ value: "shown", label: "With retired ones" }],
    },
  ];
  return (
    <Page
      title="Prices"
      sentence="What a million tokens cost. A price of the workspace's own beats the catalogue's from its date on."
      action={mayPrice && <Button onClick={() => setAdding({})}>Add price</Button>}
      tabs={<ProvidersTabs />}
    >
      <UnpricedModels mayPrice={mayPrice} onSetPrice={setAdding} />
      <Section title="Models" sentence="A row shows every class of tokens, and the model's history.">
        <FilterBar
          filters={filters}
          values={search}
          onChange={(changed) =>
            void navigate({
              search: (old) => pricesSearch.parse({ ...old, ...changed }),
              replace: true,
              resetScroll: false,
            })
          }
        />
        <DataTable
          label="Prices"
          columns={COLUMNS}
          list={list}
          rowKey={({ provider, model }) => `${provider} ${model}`}
          onOpen={setShown}
          errorTitle="The prices could not be loaded"
          empty={
            <EmptyState
              title="No prices fit"
              action={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  Show all prices
                </Button>
              }
            >
              None of the models that have a price is as the filters ask.
            </EmptyState>
          }
        />
      </Section>
      <PriceDetails
        model={shown}
        mayPrice={mayPrice}
        onClose={() => setShown(null)}
        onAdd={(start) => {
          setShown(null);
          setAdding(start);
        }}
      />
      <AddPrice start={adding} onClose={() => setAdding(null)} />
    </Page>
  );
}

const COLUMNS: readonly Column<PricedModel>[] = [
  {
    id: "model",
    header: "Model",
    cell: ({ provider, model, retiredAt, successor }) => (
      <span className="sw-priced">
        <ModelChip provider={provider} model={model} />
        {retiredAt !== null && <RetiredMark at={retiredAt} successor={successor} />}
      </span>
    ),
  },
  priceColumn("input", "Input", ({ inputTokenPrice }) => inputTokenPrice),
  priceColumn("cached", "From cache", ({ cachedInputTokenPrice }) => cachedInputTokenPrice),
  priceColumn("output", "Output", ({ outputTokenPrice }) => outputTokenPrice),
  {
    id: "tiers",
    header: "Long context",
    width: "152px",
    low: true,
    cell: ({ price }) => {
      const [tier] = price?.tiers ?? [];
      if (!tier) return <span className="sw-muted">Same price</span>;
      return (
        <span className="sw-number">
          {formatPrice(tier.inputTokenPrice)} above {formatTokens(tier.aboveInputTokens)}
        </span>
      );
    },
  },
  {
    id: "source",
    header: "Set by",
    width: "128px",
    cell: ({ source }) => (source === "workspace" ? "This workspace" : <span className="sw-muted">Catalogue</span>),
  },
];

type Shown = NonNullable<PricedModel["price"]>;

function priceColumn(id: string, header: string, of: (price: Shown) => number | null | undefined): Column<PricedModel> {
  return {
    id,
    header,
    align: "right",
    width: "104px",
    cell: ({ price }) => {
      if (price === null) return <span className="sw-muted">Not yet</span>;
      const value = of(price);
      if (value === null || value === undefined) return <span className="sw-muted">As input</span>;
      return <span className="sw-mono sw-number">{formatPrice(value)}</span>;
    },
  };
}

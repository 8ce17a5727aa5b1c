import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { wholeList } from "../../api/pages.ts";
import { formatPrice } from "../../lib/price.ts";
import { draftOf } from "../../lib/price-draft.ts";
import { type Column, DataTable, ModelChip } from "../../ui/index.ts";
import type { PriceStart } from "./add-price.tsx";
import { historyQuery, type Price } from "./price-queries.ts";
import { PriceTable } from "./price-table.tsx";
import type { PricedModel } from "./priced-models.ts";

interface PriceDetailsProps {
  /** Null while the dialog is closed. */
  model: PricedModel | null;
  mayPrice: boolean;
  onAdd: (start: PriceStart) => void;
  onClose: () => void;
}

/** All that a model costs now, and every price that it ever had. */
export function PriceDetails({ model, mayPrice, onAdd, onClose }: PriceDetailsProps) {
  return (
    <Modal opened={model !== null} onClose={onClose} title="Price" size="xl">
      {model !== null && (
        <Stack gap="md">
          <Group gap="sm">
            <ModelChip provider={model.provider} model={model.model} />
          </Group>
          {model.retiredAt !== null && (
            <Text>
              Retired on {model.retiredAt}
              {model.successor !== null && (
                <>
                  . Its successor is <span className="sw-mono">{model.successor}</span>
                </>
              )}
              .
            </Text>
          )}
          {model.price === null ? (
            <Text className="sw-muted">No price holds yet: the first one begins later.</Text>
          ) : (
            <PriceTable price={model.price} />
          )}
          <History model={model} />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            {mayPrice && (
              <Button
                onClick={() =>
                  onAdd({
                    provider: model.provider,
                    model: model.model,
                    ...(model.price === null ? {} : { draft: draftOf(model.price) }),
                  })
                }
              >
                Add price
              </Button>
            )}
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

const COLUMNS: readonly Column<Price>[] = [
  { id: "from", header: "From", cell: ({ effectiveDate }) => since(effectiveDate) },
  {
    id: "source",
    header: "Set by",
    width: "144px",
    cell: ({ source }) => (source === "workspace" ? "This workspace" : "Catalogue"),
  },
  { id: "model", header: "Filed under", cell: ({ model }) => <span className="sw-mono">{model}</span> },
  {
    id: "input",
    header: "Input",
    align: "right",
    width: "96px",
    cell: ({ inputTokenPrice }) => <span className="sw-mono sw-number">{formatPrice(inputTokenPrice)}</span>,
  },
  {
    id: "output",
    header: "Output",
    align: "right",
    width: "96px",
    cell: ({ outputTokenPrice }) => <span className="sw-mono sw-number">{formatPrice(outputTokenPrice)}</span>,
  },
];

function History({ model: { provider, model } }: { model: PricedModel }) {
  const history = useQuery(historyQuery(provider, model));
  return (
    <section>
      <h3 className="sw-dialog-part">History</h3>
      <DataTable
        label="History of the price"
        columns={COLUMNS}
        list={wholeList(history, ({ items }) => items)}
        rowKey={(price) => price.id ?? `${price.model} ${price.effectiveDate}`}
        errorTitle="The history could not be loaded"
        empty={<Text className="sw-muted">No price is known by this name.</Text>}
      />
    </section>
  );
}

/** The catalogue's first prices have no date of their own. */
function since(effectiveDate: string): string {
  if (effectiveDate.startsWith("1970-01-01")) return "The beginning";
  return effectiveDate
    .replace(/T00:00:00(?:\.000)?Z$/, "")
    .replace("T", " ")
    .replace(/(?::\d\d\.\d{3})Z$/, " UTC");
}

import { Autocomplete, Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { providersQuery } from "../../api/providers.ts";
import { EMPTY_DRAFT, type PriceDraft, readDraft } from "../../lib/price-draft.ts";
import { ErrorState, fieldFault, notifyDone, providerName } from "../../ui/index.ts";
import { PriceFields } from "./price-fields.tsx";
import { type NewPrice, useAddPrice } from "./price-queries.ts";
import { pricedWords } from "./priced-words.ts";
import { PROVIDERS } from "./search.ts";
import { readTiers, type TierDraft, TierFields } from "./tier-fields.tsx";

/** What the form begins with. */
export interface PriceStart {
  provider?: NewPrice["provider"];
  model?: string;
  draft?: PriceDraft;
  /** The day (UTC) from which it holds: that of the first call without a price, for one. */
  from?: string;
  /** Whether the past is to be priced with it. */
  reprice?: boolean;
}

/** Adds a price of the workspace's own. Null while the dialog is closed. */
export function AddPrice({ start, onClose }: { start: PriceStart | null; onClose: () => void }) {
  return (
    <Modal opened={start !== null} onClose={onClose} title="Add price" size="lg" closeOnClickOutside={false}>
      {start !== null && <Fields start={start} onClose={onClose} />}
    </Modal>
  );
}

function Fields({ start, onClose }: { start: PriceStart; onClose: () => void }) {
  const providers = useQuery(providersQuery).data?.items ?? [];
  const add = useAddPrice();
  const [provider, setProvider] = useState<NewPrice["provider"]>(start.provider ?? "openai");
  const [model, setModel] = useState(start.model ?? "");
  const [from, setFrom] = useState(start.from ?? "");
  const [draft, setDraft] = useState(start.draft ?? EMPTY_DRAFT);
  const [tiers, setTiers] = useState<readonly TierDraft[]>([]);
  const [reprice, setReprice] = useState(start.reprice ?? false);
  const [tried, setTried] = useState(false);
  const known = providers.find((each) => each.provider === provider)?.models.map(({ id }) => id) ?? [];
  const read = readDraft(draft);

  const submit = () => {
    setTried(true);
    const prices = readTiers(tiers);
    if (read.prices === null || prices === null || model.trim() === "") return;
    const price: NewPrice = {
      provider,
      model,
      ...read.prices,
      ...(from === "" ? {} : { effectiveDate: from }),
      ...(prices.length === 0 ? {} : { tiers: prices }),
    };
    add.mutate(
      { price, reprice },
      {
        onSuccess: (priced) => {
          notifyDone(`Added a price for ${model}. ${priced === null ? "" : pricedWords(priced)}`.trim());
          onClose();
        },
      },
    );
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <Group gap="md" grow align="flex-start">
          <Select
            label="Provider"
            allowDeselect={false}
            data={PROVIDERS.map((value) => ({ value, label: providerName(value) }))}
            value={provider}
            onChange={(value) => setProvider(PROVIDERS.find((each) => each === value) ?? provider)}
          />
          <Autocomplete
            label="Model"
            required
            limit={20}
            data={known}
            value={model}
            onChange={setModel}
            error={tried && model.trim() === "" ? "Name the model." : fieldFault(add.error, "model")}
          />
        </Group>
        <Text className="sw-muted">
          US dollars for a million tokens, to the micro-dollar. A class that is left empty costs what the next broader
          one does.
        </Text>
        <PriceFields what="Price" draft={draft} faults={tried ? read.faults : {}} onChange={setDraft} />
        <TierFields tiers={tiers} tried={tried} onChange={setTiers} error={fieldFault(add.error, "tiers")} />
        <TextInput
          type="date"
          label="Holds from (optional)"
          description="The beginning of that day, UTC. Left empty, from now on. What was priced before keeps its price."
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
          error={fieldFault(add.error, "effectiveDate")}
        />
        <Checkbox
          label="Price calls of the past with it, as far as they have no price"
          checked={reprice}
          onChange={(event) => setReprice(event.currentTarget.checked)}
        />
        {add.error && <ErrorState error={add.error} title="Not all was done. What you entered is kept" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending}>
            Add price
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

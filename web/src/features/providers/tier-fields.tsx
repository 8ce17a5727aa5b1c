import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { EMPTY_DRAFT, type PriceDraft, readDraft } from "../../lib/price-draft.ts";
import { PriceFields } from "./price-fields.tsx";

/** A long-context tier as it is typed. */
export interface TierDraft {
  id: string;
  /** A count of input tokens. */
  above: string;
  draft: PriceDraft;
}

/** The tiers that were typed, as the API takes them; null while anything of them is wrong. */
export function readTiers(tiers: readonly TierDraft[]) {
  const read = tiers.flatMap(({ above, draft }) => {
    const { prices } = readDraft(draft);
    return prices !== null && WHOLE.test(above) ? [{ aboveInputTokens: Number(above), ...prices }] : [];
  });
  return read.length < tiers.length ? null : read;
}

const WHOLE = /^[1-9]\d*$/;

interface TierFieldsProps {
  tiers: readonly TierDraft[];
  /** Whether somebody tried to save: then what is wrong is said. */
  tried: boolean;
  /** What was refused of the tiers as a whole. */
  error: string | null;
  onChange: (tiers: readonly TierDraft[]) => void;
}

/** The prices of requests with a long input: over its threshold a tier prices the whole request. */
export function TierFields({ tiers, tried, error, onChange }: TierFieldsProps) {
  const change = (id: string, changed: Partial<TierDraft>) =>
    onChange(tiers.map((tier) => (tier.id === id ? { ...tier, ...changed } : tier)));
  return (
    <Stack gap="md">
      {tiers.map(({ id, above, draft }, place) => (
        <fieldset key={id} className="sw-tier">
          <legend>Long context {place + 1}</legend>
          <Stack gap="sm">
            <TextInput
              label="Above so many input tokens"
              inputMode="numeric"
              required
              value={above}
              onChange={(event) => change(id, { above: event.currentTarget.value })}
              error={tried && !WHOLE.test(above) ? "A whole number of tokens." : undefined}
            />
            <PriceFields
              what={`Long context ${place + 1}`}
              draft={draft}
              faults={tried ? readDraft(draft).faults : {}}
              onChange={(changed) => change(id, { draft: changed })}
            />
            <Group justify="flex-end">
              <Button
                size="xs"
                variant="subtle"
                color="gray"
                onClick={() => onChange(tiers.filter((tier) => tier.id !== id))}
              >
                Remove tier
              </Button>
            </Group>
          </Stack>
        </fieldset>
      ))}
      {error !== null && <Text c="red">{error}</Text>}
      <Group>
        <Button
          size="xs"
          variant="default"
          onClick={() => onChange([...tiers, { id: crypto.randomUUID(), above: "", draft: EMPTY_DRAFT }])}
        >
          Add long-context tier
        </Button>
      </Group>
    </Stack>
  );
}

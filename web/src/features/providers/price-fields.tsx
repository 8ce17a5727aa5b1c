import { SimpleGrid, TextInput } from "@mantine/core";
import { PRICE_CLASSES, type PriceDraft, type PriceField } from "../../lib/price-draft.ts";

interface PriceFieldsProps {
  /** What the prices are of, for those who do not see the headings: "Price". */
  what: string;
  draft: PriceDraft;
  /** Shown once somebody tried to save. */
  faults: Partial<Record<PriceField, string>>;
  onChange: (draft: PriceDraft) => void;
}

/** The fields of the classes of tokens, in dollars for a million. */
export function PriceFields({ what, draft, faults, onChange }: PriceFieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="sm" role="group" aria-label={what}>
      {PRICE_CLASSES.map(({ field, label, required }) => (
        <TextInput
          key={field}
          label={required ? label : `${label} (optional)`}
          leftSection="$"
          inputMode="decimal"
          required={required}
          value={draft[field]}
          onChange={(event) => onChange({ ...draft, [field]: event.currentTarget.value })}
          error={faults[field]}
        />
      ))}
    </SimpleGrid>
  );
}

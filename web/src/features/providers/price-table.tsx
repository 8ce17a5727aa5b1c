import { formatPrice } from "../../lib/price.ts";
import { PRICE_CLASSES, type PriceField } from "../../lib/price-draft.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import type { ShownPrices } from "./priced-models.ts";

/** What stands for a class that has no price of its own. */
const BROADER = {
  inputTokenPrice: "",
  outputTokenPrice: "",
  cachedInputTokenPrice: "As input",
  cacheWriteTokenPrice: "As input",
  cacheWrite1hTokenPrice: "As other writes",
  reasoningTokenPrice: "As output",
} as const satisfies Record<PriceField, string>;

interface PriceTableProps {
  price: ShownPrices & { tiers?: readonly (ShownPrices & { aboveInputTokens: number })[] | undefined };
}

/** Every class of a price, and what each costs over the thresholds of long contexts. */
export function PriceTable({ price }: PriceTableProps) {
  const tiers = price.tiers ?? [];
  const [first] = tiers;
  return (
    <table className="sw-table" aria-label="Price of a million tokens">
      <thead>
        <tr>
          <th scope="col">A million tokens</th>
          <th scope="col" data-align="right">
            {first ? `Up to ${formatExactCount(first.aboveInputTokens)}` : "Price"}
          </th>
          {tiers.map(({ aboveInputTokens }) => (
            <th key={aboveInputTokens} scope="col" data-align="right">
              Above {formatExactCount(aboveInputTokens)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {PRICE_CLASSES.map(({ field, label }) => (
          <tr key={field}>
            <td>{label}</td>
            <Cell price={price[field]} field={field} />
            {tiers.map((tier) => (
              <Cell key={tier.aboveInputTokens} price={tier[field]} field={field} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ price, field }: { price: number | null | undefined; field: PriceField }) {
  return (
    <td data-align="right">
      {price === null || price === undefined ? (
        <span className="sw-muted">{BROADER[field]}</span>
      ) : (
        <span className="sw-mono sw-number">{formatPrice(price)}</span>
      )}
    </td>
  );
}

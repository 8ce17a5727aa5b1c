import { findModel, priceAt } from "../catalogue.ts";
import type { Price } from "../catalogue-model.ts";
import { canonicalName, namesOf } from "./match-model.ts";

/** The prices of a workspace: its own, and behind them the catalogue's. */
export interface PriceBook {
  /**
   * What a model costs at a time (epoch ms). The workspace's newest price that is in effect by then beats the
   * catalogue's, however old it is. `null` when neither knows the model, or not yet.
   */
  priceAt(provider: string, model: string, at: number): Price | null;
  /** From when on (epoch ms) a model has a price; `null` when it has none at any time. */
  pricedFrom(provider: string, model: string): number | null;
}

/** A price that a workspace has set. */
export interface WorkspacePrice {
  provider: string;
  model: string;
  /** Epoch milliseconds from which it holds. */
  from: number;
  price: Price;
}

/**
 * The book of a workspace.
 *
 * @param rows in the order in which they were written: of two from the same time on, the later one counts
 */
export function priceBook(rows: readonly WorkspacePrice[]): PriceBook {
  const own = new Map<string, WorkspacePrice[]>();
  for (const row of rows) {
    const key = keyOf(row.provider, canonicalName(row.provider, row.model));
    const known = own.get(key);
    if (known) known.push(row);
    else own.set(key, [row]);
  }
  // Sorting is stable, so that rows from the same time on stay in the order of their writing.
  for (const each of own.values()) each.sort((a, b) => a.from - b.from);

  const rowsOf = (provider: string, model: string) =>
    pricedNames(provider, model).flatMap((name) => {
      const found = own.get(keyOf(provider, name));
      return found === undefined ? [] : [found];
    });

  return {
    priceAt(provider, model, at) {
      for (const history of rowsOf(provider, model)) {
        const found = history.findLast(({ from }) => from <= at);
        if (found) return found.price;
      }
      return priceAt(provider, model, at);
    },
    pricedFrom(provider, model) {
      const starts = rowsOf(provider, model).flatMap((history) => history.slice(0, 1).map(({ from }) => from));
      const [first] = findModel(provider, model)?.prices ?? [];
      if (first) starts.push(Date.parse(first.effectiveDate));
      return starts.length === 0 ? null : Math.min(...starts);
    },
  };
}

/** What a workspace without prices of its own pays. */
export const CATALOGUE_PRICES: PriceBook = priceBook([]);

/**
 * Every name under which a price would be a price of this model, most exact first: a price under its plain name holds
 * for all its dated versions, one under a dated name for that version only. The catalogue's own name comes last, since an
 * alias costs what its model costs. A version that the catalogue prices apart does not go by its plain name.
 */
export function pricedNames(provider: string, model: string): string[] {
  const known = findModel(provider, model);
  const names = namesOf(provider, model).filter(
    (name, index) => index === 0 || findModel(provider, name)?.id === known?.id,
  );
  return [...new Set(known === null ? names : [...names, known.id])];
}

function keyOf(provider: string, name: string): string {
  return `${provider} ${name}`;
}

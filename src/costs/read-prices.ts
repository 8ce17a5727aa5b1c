import { z } from "zod";
import type { Db } from "../db/client.ts";
import { CATALOGUE_PRICES, type PriceBook, priceBook, type WorkspacePrice } from "./rules/price-book.ts";
import { parseTiers, priceOf, storedClassFields } from "./stored-price.ts";

const rowSchema = z.object({
  seq: z.number(),
  provider: z.string(),
  model: z.string(),
  effectiveDate: z.number(),
  ...storedClassFields,
  tiers: z.string().nullable(),
});

/** Rows of prices that an isolate keeps, over all workspaces. */
const CAPACITY = 20_000;

interface Known {
  /** The `seq` of the newest row. */
  revision: number;
  book: PriceBook;
  rows: number;
}

const cache = new Map<string, Known>();
let kept = 0;

/** A statement to put in a batch, and what to make of its result. */
export interface PriceRead {
  statement: D1PreparedStatement;
  bookOf(result: D1Result | undefined): PriceBook;
}

/**
 * Reads the prices that hold in a workspace, as one statement of a batch that is on its way anyway. It returns no rows,
 * and reads one, when the workspace has no prices of its own or this isolate knows them all.
 */
export function readPrices(db: Db, workspaceId: string): PriceRead {
  const known = cache.get(workspaceId);
  const statement = db.d1
    .prepare(
      `SELECT p.seq, p.provider, p.model, p.effective_date AS effectiveDate, p.input_token_price AS inputTokenPrice,
         p.cached_input_token_price AS cachedInputTokenPrice, p.cache_write_token_price AS cacheWriteTokenPrice,
         p.cache_write_1h_token_price AS cacheWrite1hTokenPrice, p.output_token_price AS outputTokenPrice,
         p.reasoning_token_price AS reasoningTokenPrice, p.tiers
       FROM (SELECT max(seq) AS revision FROM provider_pricing WHERE workspace_id = ?1 HAVING max(seq) IS NOT ?2) AS newest
       CROSS JOIN provider_pricing p ON p.workspace_id = ?1 ORDER BY p.seq`,
    )
    .bind(workspaceId, known?.revision ?? null);
  return {
    statement,
    bookOf(result) {
      const rows = z.array(rowSchema).parse(result?.results ?? []);
      const revision = rows.at(-1)?.seq;
      if (revision === undefined) return known?.book ?? CATALOGUE_PRICES;
      const book = priceBook(rows.map(workspacePrice));
      keep(workspaceId, { revision, book, rows: rows.length });
      return book;
    },
  };
}

/** The prices that hold in a workspace, read by themselves. */
export async function readPriceBook(db: Db, workspaceId: string): Promise<PriceBook> {
  const read = readPrices(db, workspaceId);
  return read.bookOf(await read.statement.run());
}

function workspacePrice(row: z.infer<typeof rowSchema>): WorkspacePrice {
  const { provider, model, effectiveDate: from } = row;
  return { provider, model, from, price: priceOf(row, parseTiers(row.tiers)) };
}

function keep(workspaceId: string, entry: Known): void {
  forget(workspaceId);
  cache.set(workspaceId, entry);
  kept += entry.rows;
  for (const oldest of cache.keys()) {
    if (kept <= CAPACITY) break;
    forget(oldest);
  }
}

function forget(workspaceId: string): void {
  kept -= cache.get(workspaceId)?.rows ?? 0;
  cache.delete(workspaceId);
}

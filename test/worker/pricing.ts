import type { PriceRow } from "../../src/costs/pricing-inputs.ts";
import type { Account, Client } from "./accounts.ts";

export interface Problem {
  error: { code: string; details: { path: string; message: string }[] };
}

/** What tests of prices write and read as the owner of a workspace, who may be signed up later. */
export function pricesOf(owner: () => Account) {
  const put = (body: object, account: Client = owner()) =>
    account.send<PriceRow & Problem>("PUT", "/api/pricing", body);

  /** Adds a price in dollars per million tokens. */
  async function price(model: string, [input, output]: [number, number], more: object = {}): Promise<PriceRow> {
    const body = { inputTokenPrice: input * 1e6, outputTokenPrice: output * 1e6, effectiveDate: "2026-01-01" };
    const answer = await put({ provider: "openai", model, ...body, ...more });
    if (answer.status !== 200) throw new Error(`PUT answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async function list(query = "", account: Client = owner()) {
    return (await account.send<{ items: PriceRow[]; nextCursor: string | null }>("GET", `/api/pricing?${query}`)).body;
  }

  return { list, price, put };
}

import { expect } from "vitest";
import type { KnowledgeView } from "../../src/knowledge/inputs.ts";
import type { Account } from "./accounts.ts";

/** A page of entries. */
export interface Listed {
  items: KnowledgeView[];
  nextCursor: string | null;
}

/** An entry as it is written, but for what a test says otherwise. */
export const body = (over: object = {}) => ({
  agentRole: "support",
  category: "refunds",
  content: "A refund is paid within 14 days.",
  confidence: 90,
  ...over,
});

/** Ways to write and to find knowledge for somebody, who is known by the time that a test runs. */
export function knowing(who: () => Account) {
  const listed = async (query = "", account = who()): Promise<Listed> => {
    const { status, body: page } = await account.send<Listed>("GET", `/api/knowledge${query}`);
    expect(status).toBe(200);
    return page;
  };
  const contents = async (query = "") => (await listed(query)).items.map(({ content }) => content);
  return {
    listed,
    contents,
    found: (q: string) => contents(`?q=${encodeURIComponent(q)}`),
    async write(over: object = {}, account = who()): Promise<KnowledgeView> {
      const { status, body: made } = await account.send<KnowledgeView>("POST", "/api/knowledge", body(over));
      if (status !== 201) throw new Error(`writing knowledge answered ${status}: ${JSON.stringify(made)}`);
      return made;
    },
  };
}

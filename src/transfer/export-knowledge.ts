import type { Ctx } from "../db/context.ts";
import { entriesOfRoles, type KnowledgeView } from "../knowledge/index.ts";
import { knowledgeOut } from "./bundle.ts";
import type { Section } from "./export-section.ts";

const KNOWLEDGE_PAGE = 50;
/** Of entries that are kept for workflows with the same roles, in characters. */
const KEPT_KNOWLEDGE = 2_000_000;

/**
 * Reads what agents of certain roles may draw on, oldest first, into sections. Workflows of a workspace often share
 * their roles: what was read last is kept for them, as far as it is not large.
 */
export class KnowledgeReader {
  readonly #ctx: Ctx;
  readonly #known = new Map<string, readonly KnowledgeView[]>();
  #size = 0;

  constructor(ctx: Ctx) {
    this.#ctx = ctx;
  }

  async addTo(section: Section, roles: readonly string[]): Promise<void> {
    if (roles.length === 0) return;
    const key = JSON.stringify([...new Set(roles)].toSorted());
    const known = this.#known.get(key);
    const read: KnowledgeView[] = [];
    for await (const entry of known ?? this.#entries(roles)) {
      section.add(knowledgeOut(entry));
      read.push(entry);
      // What is left would have to be read to be counted.
      if (section.omitted > KNOWLEDGE_PAGE) return;
    }
    if (known === undefined) this.#keep(key, read);
  }

  async *#entries(roles: readonly string[]): AsyncGenerator<KnowledgeView> {
    for (let after: string | undefined = ""; after !== undefined; ) {
      const entries: KnowledgeView[] = await entriesOfRoles(this.#ctx, roles, KNOWLEDGE_PAGE, after);
      yield* entries;
      after = entries.length < KNOWLEDGE_PAGE ? undefined : entries.at(-1)?.id;
    }
  }

  #keep(key: string, entries: readonly KnowledgeView[]): void {
    const size = entries.reduce((sum, { content, context }) => sum + content.length + (context?.length ?? 0), 0);
    if (size > KEPT_KNOWLEDGE) return;
    if (this.#size + size > KEPT_KNOWLEDGE) {
      this.#known.clear();
      this.#size = 0;
    }
    this.#known.set(key, entries);
    this.#size += size;
  }
}

import { isoTime } from "../core/clock.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "../executions/index.ts";
import { executionOut, versionOut } from "./bundle.ts";
import { coreOf, templateCoreOf } from "./export-core.ts";
import { readDrafts, type StoredDraft } from "./export-drafts.ts";
import { executionsOf, versionsOf } from "./export-history.ts";
import { KnowledgeReader } from "./export-knowledge.ts";
import type { HistoryLimits } from "./export-limits.ts";
import type { ExportOptions } from "./export-options.ts";
import { Section } from "./export-section.ts";
import { readSchedules, readWebhooks } from "./export-triggers.ts";
import { type SecretFinding, scanValue } from "./rules/scan-bundle.ts";

/** Findings that are told one by one. More are counted. */
const MAX_FINDINGS = 200;

/** The lists of a bundle that may be long. */
export const SECTION_NAMES = ["versions", "knowledgeBase", "executions"] as const;
export type SectionName = (typeof SECTION_NAMES)[number];

/** The bundle of one workflow, read. */
export interface GatheredBundle {
  workflowId: string;
  /** As the file tells it: without addresses in a template. */
  name: string;
  /** All of the file but its long lists. */
  core: Record<string, unknown>;
  /** Those lists that were asked for, each item as bytes of JSON. */
  sections: Partial<Record<SectionName, readonly Uint8Array[]>>;
  /** What looks like a secret, at most 200 of them. */
  findings: readonly SecretFinding[];
  findingCount: number;
}

interface Request {
  workflowIds: readonly string[];
  options: ExportOptions;
  limits: HistoryLimits;
}

/**
 * The bundles of these workflows one after the other, in their order; one that is gone is left out. The stored drafts of
 * all of them are in memory at once, and of one its history, as far as the limits let that grow.
 */
export async function* gatherBundles(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  { workflowIds, options, limits }: Request,
): AsyncGenerator<GatheredBundle> {
  const exportedAt = isoTime(ctx.clock.now());
  const drafts = await readDrafts(ctx, workflowIds);
  // Of those alone that are still there: history is read along with them, in one order.
  const ids = drafts.map(({ id }) => id);
  const schedules = options.includeSchedules ? await readSchedules(ctx, ids) : null;
  const webhooks = options.includeWebhooks ? await readWebhooks(ctx, ids) : null;
  const wantsHistory = !options.anonymize;
  const versions = options.includeVersions && wantsHistory ? await versionsOf(ctx, ids, limits) : null;
  const executions = options.includeExecutions && wantsHistory ? await executionsOf(ctx, engine, ids, limits) : null;
  const knowledge = options.includeKnowledge && wantsHistory ? new KnowledgeReader(ctx) : null;

  for (const draft of drafts) {
    const bundle = new Gathering();
    const { definition, losses } = await draft.read();
    if (versions) {
      const section = bundle.section("versions", limits.versionBytes);
      for await (const stored of versions.of(draft.id)) section.add(versionOut(await stored.read()));
      bundle.end("versions", section, versions.leftOut(draft.id));
    }
    if (knowledge) {
      const section = bundle.section("knowledgeBase", limits.knowledgeBytes);
      const roles = definition.agents.filter(({ useKnowledge }) => useKnowledge === true).map(({ role }) => role);
      await knowledge.addTo(section, roles);
      bundle.end("knowledgeBase", section, 0);
    }
    if (executions) {
      const section = bundle.section("executions", limits.executionBytes);
      for await (const execution of executions.of(draft.id)) section.add(executionOut(execution));
      bundle.end("executions", section, executions.leftOut(draft.id));
    }
    if (losses.length > 0) bundle.omitted.notUnderstood = losses.map(({ path }) => path);
    const core = (options.anonymize ? templateCoreOf : coreOf)(draft, {
      exportedAt,
      definition,
      schedules: schedules && (schedules.get(draft.id) ?? []),
      webhooks: webhooks && (webhooks.get(draft.id) ?? []),
      omitted: bundle.omitted,
    });
    yield bundle.finish(draft, core);
  }
}

/** A bundle on its way. */
class Gathering {
  readonly omitted: Record<string, number | string[]> = {};
  readonly #sections: Partial<Record<SectionName, readonly Uint8Array[]>> = {};
  readonly #findings: SecretFinding[] = [];
  #findingCount = 0;

  section(name: SectionName, maxBytes: number): Section {
    return new Section(maxBytes, (item, index) => scanValue(item, `${name}[${index}]`, (found) => this.#find(found)));
  }

  end(name: SectionName, section: Section, leftOut: number): void {
    this.#sections[name] = section.pieces;
    const count = section.omitted + leftOut;
    if (count > 0) this.omitted[name] = count;
  }

  finish(draft: StoredDraft, core: ReturnType<typeof coreOf> | ReturnType<typeof templateCoreOf>): GatheredBundle {
    scanValue(core, "", (found) => this.#find(found));
    return {
      workflowId: draft.id,
      name: core.workflow.name,
      core,
      sections: this.#sections,
      findings: this.#findings,
      findingCount: this.#findingCount,
    };
  }

  #find(finding: SecretFinding): void {
    this.#findingCount += 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push(finding);
  }
}

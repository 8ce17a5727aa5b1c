const MB = 1024 * 1024;

/** How much of a workflow's history goes into its bundle. Bytes are those of the JSON in UTF-8. */
export interface HistoryLimits {
  versionBytes: number;
  executionBytes: number;
  knowledgeBytes: number;
  /** Of versions, and of executions. */
  items: number;
}

/** An import takes 8 MB a file: the definition, schedules and webhooks need their share of that as well. */
export const ONE_BUNDLE: HistoryLimits = {
  versionBytes: 2.5 * MB,
  executionBytes: 2.5 * MB,
  knowledgeBytes: MB,
  items: 1_000,
};

/** In the archive of one workflow each kind of history is a file. */
export const ONE_ARCHIVE: HistoryLimits = {
  versionBytes: 7.5 * MB,
  executionBytes: 7.5 * MB,
  knowledgeBytes: 7.5 * MB,
  items: 5_000,
};

/** Of the history of all workflows of a bulk export together: an import unpacks 200 MB. */
const BULK_BYTES = 150 * MB;
const BULK_ITEMS = 30_000;
const LEAST_ITEMS = 20;

/** What each of so many workflows may bring into a bulk export: as much as a bundle of its own, or its share. */
export function shareOfBulk(workflows: number): HistoryLimits {
  const share = BULK_BYTES / workflows;
  return {
    versionBytes: Math.min(ONE_BUNDLE.versionBytes, Math.floor(share * 0.4)),
    executionBytes: Math.min(ONE_BUNDLE.executionBytes, Math.floor(share * 0.4)),
    knowledgeBytes: Math.min(ONE_BUNDLE.knowledgeBytes, Math.floor(share * 0.2)),
    items: Math.max(LEAST_ITEMS, Math.min(ONE_BUNDLE.items, Math.floor(BULK_ITEMS / workflows))),
  };
}

/** How long an export stays to be fetched. */
export const EXPORT_TTL_MS = 7 * 86_400_000;
/** How long a sent message may take before it is sent again. */
export const SEND_GRACE_MS = 60_000;
/** How long an export belongs to the job that writes it without a sign of life. */
export const LEASE_MS = 120_000;
/** How often a job writes down how far it is. */
export const PROGRESS_MS = 1_000;
/** A job that has failed or vanished this often is given up. */
export const MAX_ATTEMPTS = 3;
/** Exports of one workspace that are under way at once. */
export const MAX_UNDER_WAY = 3;
/** Rows are kept this long after their file is gone, to tell what became of it. */
export const ROW_TTL_MS = 30 * 86_400_000;
/** Of D1's 1,000 queries an invocation: steps of other executions may be worked on in the same one. */
export const QUERY_BUDGET = 700;
/** Stored drafts and triggers that are in memory at once, in characters, and of so many workflows. */
export const PAGE_CHARACTERS = 1_000_000;
export const PAGE_WORKFLOWS = 200;

/** Where an export lies in R2. Each attempt writes an object of its own: two at once never write into one. */
export function objectKey(workspaceId: string, exportId: string, attempt: number): string {
  return `${objectPrefix(workspaceId, exportId)}${attempt}.zip`;
}

/** What the objects of all attempts begin with. */
export function objectPrefix(workspaceId: string, exportId: string): string {
  return `exports/${workspaceId}/${exportId}/`;
}

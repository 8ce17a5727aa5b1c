/** How long a claimed step belongs to its owner without a heartbeat. */
export const LEASE_MS = 30_000;
/** How often an owner says that it is alive, and learns of a cancel. */
export const HEARTBEAT_MS = 5_000;
/** A step whose owner vanished this often fails with `worker_lost`. */
export const MAX_LOSSES = 3;
/** How long a sent message may take before the sweeper sends again; doubled with every send. */
export const SEND_GRACE_MS = 30_000;
/** Half of D1's 1,000 queries an invocation, and some: from here on an invocation hands everything to the queue. */
export const QUERY_BUDGET = 600;
/** A consumer lives 15 minutes; no new step is begun after this much of it. */
export const INLINE_BUDGET_MS = 8 * 60_000;
/** A consumer's calls end by then at the latest: one that outlives it would be paid, lost, and made again. */
export const CALL_BUDGET_MS = 14 * 60_000;
/** An execution ends after this long when its workflow does not say otherwise. */
export const DEFAULT_TIMEOUT_SECONDS = 3_600;
/** One call to a provider, when the agent does not say otherwise. */
export const DEFAULT_ATTEMPT_TIMEOUT_MS = 120_000;
/** How often a step is run again after a provider's passing failure, when the workflow does not say otherwise. */
export const DEFAULT_STEP_RETRIES = 2;
/** Larger outputs go to R2: a row may hold 2 MB in all. */
export const MAX_INLINE_OUTPUT_BYTES = 256 * 1_024;
/** All targets of an agent together, retries over the queue among them, when the agent does not say otherwise. */
export const DEFAULT_CHAIN_DEADLINE_MS = 300_000;
/** Of all steps' outputs in one answer, in UTF-8. What is longer is read on its own. */
export const MAX_SHOWN_BYTES = 2 * 1_024 * 1_024;
/** Of the outputs that a step's prompt and conditions look at. Four steps run side by side in 128 MB of memory. */
export const MAX_GATHERED_BYTES = 8 * 1_024 * 1_024;
/** How long an object that no step names may be one that is still being written. */
export const ORPHAN_AGE_MS = 24 * 3_600_000;

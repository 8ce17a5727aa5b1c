export { consumeDeadLetters, consumeDetached, consumeSteps } from "./consume.ts";
export type { Engine } from "./engine.ts";
export type { LiveEvent } from "./live-events.ts";
export type { Watcher } from "./live-feed.ts";
export { type StepMessage, stepMessageSchema } from "./message.ts";
export { openEngine } from "./open-engine.ts";
export { prune } from "./prune.ts";
export { startExecution } from "./start-execution.ts";
export { sweep } from "./sweep.ts";

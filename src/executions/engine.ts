import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Logger } from "../core/log.ts";
import type { Db } from "../db/client.ts";
import type {
  Breakers,
  CallOptions,
  Completion,
  CompletionRequest,
  ProviderName,
  WorkspaceKey,
} from "../providers/index.ts";
import type { LiveEvent } from "./live-events.ts";
import type { StepMessage } from "./message.ts";

/** Where outputs go that are too large for a row. Keys are made by the engine. */
export interface OutputStore {
  put(key: string, text: string): Promise<void>;
  /** `null` when there is no such object. */
  get(key: string): Promise<string | null>;
  /** The first characters of an object, at most `maxBytes` (over 0) in UTF-8, and whether that is all of it. */
  getRange(key: string, maxBytes: number): Promise<{ text: string; complete: boolean } | null>;
  /** Bytes of an object. */
  size(key: string): Promise<number | null>;
  /** The bytes of an object as they come. */
  stream(key: string): Promise<ReadableStream | null>;
  /** Copies without holding the object in memory. False when there is no object to copy. */
  copy(from: string, to: string): Promise<boolean>;
  delete(keys: string[]): Promise<void>;
}

/** Everything that the engine needs of the world, so that a test can hand it a world of its own. */
export interface Engine {
  db: Db;
  clock: Clock;
  ids: Ids;
  log: Logger;
  /** Between 0 and 1, for jitter. */
  random(): number;
  /**
   * Sends step messages. A send that fails is logged and left to the sweeper: the steps table is the outbox,
   * so nothing is lost.
   */
  send(messages: readonly StepMessage[], delaySeconds?: number): Promise<void>;
  outputs: OutputStore;
  /** The key for a provider in a workspace, or `null` when none is configured. Throws `credential_unusable`. */
  providerKey(workspaceId: string, provider: ProviderName): Promise<WorkspaceKey | null>;
  breakers: Breakers;
  complete(provider: ProviderName, request: CompletionRequest, options: CallOptions): Promise<Completion>;
  /** Hands events to the live feed without waiting for it. */
  publish(workspaceId: string, events: readonly LiveEvent[]): void;
  /** Tells of budgets that have reached a threshold, as far as nobody has. Never throws: the cron does what is left. */
  tellAlerts(): Promise<void>;
  /** Waits, or less when the signal aborts. For moments only: what takes longer goes over the queue. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Keeps the invocation alive for work that nobody waits for. */
  background(work: Promise<void>): void;
  /** Calls back every `ms` until the answer is called. */
  every(ms: number, callback: () => Promise<void>): () => void;
}

import type { Clock } from "../core/clock.ts";
import type { Breakers } from "./breakers.ts";
import type {
  CallOptions,
  Completion,
  CompletionRequest,
  ErrorKind,
  ProviderError,
  ProviderName,
  Usage,
} from "./contract.ts";
import type { WorkspaceKey } from "./credentials-key.ts";
import type { FallbackConditions } from "./rules/after-failure.ts";

/** A target that may be called: planned, and with its key. */
export interface ChainTarget {
  provider: ProviderName;
  model: string;
  reason: string;
  contextWindow: number | null;
  key: WorkspaceKey;
}

/** One call to one provider, as it ended. */
export interface ChainCall {
  /** Counts the calls of one run of the chain, from 1. */
  attempt: number;
  provider: ProviderName;
  model: string;
  /** The model that answered, where the provider said so. */
  answeredModel: string | null;
  errorKind: ErrorKind | "latency" | null;
  httpStatus: number | null;
  waitMs: number;
  latencyMs: number;
  usage: Usage | null;
  /** Why this target was called now. */
  reason: string;
  at: number;
}

export interface ChainPolicy {
  on: FallbackConditions & { latencyMs?: number | undefined };
  /** Extra calls to the same target. */
  retries: number;
  attemptTimeoutMs: number;
  /** Epoch milliseconds: the whole chain ends by then. */
  deadlineAt: number;
  /** How long the step waited before this run. */
  waitedMs: number;
}

export interface ChainPorts {
  workspaceId: string;
  clock: Clock;
  breakers: Breakers;
  complete(provider: ProviderName, request: CompletionRequest, options: CallOptions): Promise<Completion>;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Keeps the invocation alive for work that nobody waits for. */
  background(work: Promise<void>): void;
  /** A call that was given up for its latency has ended after all: what it used is paid for. */
  onLate(call: ChainCall): Promise<void>;
}

export type ChainResult =
  | { ok: true; completion: Completion; target: ChainTarget; calls: ChainCall[] }
  /** The last failure, and when trying again makes sense at the earliest. */
  | { ok: false; error: ProviderError; calls: ChainCall[] };

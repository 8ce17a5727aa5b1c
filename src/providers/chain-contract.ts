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
import type { Billing } from "./rules/billing.ts";

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
  errorKind: ErrorKind | "latency" | ChainRefusal["kind"] | null;
  httpStatus: number | null;
  waitMs: number;
  latencyMs: number;
  usage: Usage | null;
  /** How it is billed, where its other fields do not tell: it was not sent, or given up and heard of late. */
  billing?: Billing;
  /** Why this target was called now. */
  reason: string;
  at: number;
}

/** A call that must not be made: it is not sent. */
export interface ChainRefusal {
  kind: "budget" | "unpriced";
  /** For a person: what happened and what to do. */
  message: string;
  /** For the record of the call: the numbers. */
  reason: string;
  /** Epoch milliseconds: when money that others only hold is asked for again. Without it waiting does not help. */
  retryAt?: number;
}

/** A call that is about to be made. */
export interface PlannedCall extends Pick<ChainCall, "attempt" | "provider" | "model" | "at"> {
  request: CompletionRequest;
  /** Epoch milliseconds: the chain that it belongs to ends by then. */
  deadlineAt: number;
}

/** Who keeps watch over the money. */
export interface Purse {
  /** Asked before every call: sets its worst case aside, or refuses. */
  reserve(call: PlannedCall): Promise<ChainRefusal | null>;
  /** A call was not sent after all: nothing was spent. */
  release(attempt: number): Promise<void>;
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
  /** A call has failed and another follows: to be written before that one takes its time. Must not throw. */
  onCall(call: ChainCall): Promise<void>;
  /** A call that was given up for its latency has ended after all: what it used is paid for, or known to be free. */
  onLate(call: ChainCall): Promise<void>;
  /** Without one nothing limits what is spent. */
  purse?: Purse | undefined;
}

export type ChainResult =
  | { ok: true; completion: Completion; target: ChainTarget; calls: ChainCall[] }
  | {
      ok: false;
      /** The last failure, or why nobody was called. */
      error: ProviderError | ChainRefusal;
      calls: ChainCall[];
      /**
       * Epoch milliseconds: when the first target whose failure may pass may be asked again, by its Retry-After and its
       * breaker; `null` when none failed like that.
       */
      retryAt: number | null;
      /** The same for targets that were only passed over: their breakers let nobody through, or money was held by others. */
      untriedAt: number | null;
    };

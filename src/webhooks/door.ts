import type { CipherSettings } from "../core/cipher.ts";
import { DomainError, type ErrorCode } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "../executions/index.ts";
import type { Gates } from "./gates.ts";

/** Of the detail that is kept with a call, in characters. */
const MAX_DETAIL = 1_000;

/** What the public door stands on. */
export interface Door {
  engine: Engine;
  settings: CipherSettings;
  gates: Gates;
  /** What a caller is answered to an error: the webhook's owner sees the same. */
  refusalOf(error: unknown): { code: ErrorCode; status: number; message: string };
}

/** A request that came to a webhook's address, before anything of it is believed. */
export interface IncomingCall {
  workflowId: string;
  secretKey: string;
  /** Where the platform says that it comes from. */
  ip: string | null;
  headers: Headers;
  body: ReadableStream<Uint8Array> | null;
  /** `?wait=` as it was sent. */
  wait: string | undefined;
  requestId: string;
}

/**
 * A call that a check turned away. The owner sees the check's name and the detail, which is the refusal itself unless
 * there is more to say; the caller sees the refusal, which says no more than what the caller can mend.
 */
export class CallRefused extends Error {
  readonly failedCheck: string;
  readonly refusal: DomainError;
  readonly headers: Record<string, string>;
  readonly detail: string;

  constructor(
    failedCheck: string,
    refusal: DomainError,
    { headers = {}, detail }: { headers?: Record<string, string>; detail?: string } = {},
  ) {
    super(`refused by ${failedCheck}`, { cause: refusal });
    this.failedCheck = failedCheck;
    this.refusal = refusal;
    this.headers = headers;
    this.detail = (detail ?? detailOf(refusal)).slice(0, MAX_DETAIL);
  }
}

/** A refusal with all its places in one text. */
export function detailOf({ message, details }: DomainError): string {
  return [message, ...details.map((one) => (one.path === "" ? one.message : `${one.path}: ${one.message}`))].join("\n");
}

/** The context of verbs that work for a webhook's workspace. Nobody is signed in. */
export function ctxOfDoor({ engine }: Pick<Door, "engine">, workspaceId: string): Ctx {
  const { db, clock, ids, log } = engine;
  return { db, clock, ids, log, workspaceId, userId: null };
}

/** One answer for a wrong secret, a workflow that there is not, and a webhook that is disabled. */
export function nothingHere(): DomainError {
  return new DomainError(
    "webhook_not_found",
    "There is no webhook at this address, or it takes no calls. Compare the address with what its owner sees.",
  );
}

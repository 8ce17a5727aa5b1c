import { z } from "@hono/zod-openapi";
import { jsonFault } from "../definitions/index.ts";
import { CALL_OUTCOMES } from "./gate-calls.ts";
import { signingKeyBytes } from "./rules/signing-key.ts";
import { MAX_LIMIT, MAX_WINDOW_SECONDS } from "./rules/sliding-window.ts";

/** Of a call's body, in bytes, and of a payload that is tried. */
export const MAX_BODY_BYTES = 100 * 1_024;
/** The longest that a caller may wait for the result. */
export const MAX_WAIT_SECONDS = 25;
export const DEFAULT_RATE_LIMIT = { limit: 100, windowSeconds: 3_600 };

const TRIED_LIMITS = { maxBytes: MAX_BODY_BYTES, maxDepth: 64 };
const MAX_GRACE_SECONDS = 30 * 86_400;
/** A header's name (RFC 9110, section 5.6.2). */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

const signingSecret = z.string().min(1, "a signing secret is not empty").max(500);
const standardSecret = signingSecret.refine((secret) => (signingKeyBytes(secret, "standard")?.length ?? 0) > 0, {
  error: "what follows whsec_ must be base64",
});

const signatureInput = z.discriminatedUnion("scheme", [
  z.strictObject({ scheme: z.literal("none") }),
  z.strictObject({ scheme: z.literal("standard"), secret: standardSecret.optional() }),
  z.strictObject({ scheme: z.enum(["github", "stripe"]), secret: signingSecret.optional() }),
  z.strictObject({
    scheme: z.literal("hmac"),
    secret: signingSecret.optional(),
    header: z.string().regex(TOKEN, "the name of a header"),
    encoding: z.enum(["hex", "base64"]).default("hex"),
    prefix: z.string().max(100).default(""),
  }),
]);
export type SignatureInput = z.infer<typeof signatureInput>;

/** How a signature is stored: the secret lies apart, sealed. */
export const storedSignature = z.union([
  z.object({ scheme: z.enum(["none", "github", "standard", "stripe"]) }),
  z.object({ scheme: z.literal("hmac"), header: z.string(), encoding: z.enum(["hex", "base64"]), prefix: z.string() }),
]);

const ipWhitelist = z
  .array(z.string().max(100))
  .openapi({ description: "Addresses and networks that calls may come from, v4 and v6. Empty: any" });

const payloadTransformer = z
  .record(z.string(), z.string())
  .openapi({ description: "JMESPath by field of the input. A field that ends in ! must not be missing" });

const versionReference = z.union([z.string().min(1).max(64), z.int().min(1)]);

const fields = {
  enabled: z.boolean(),
  ipWhitelist,
  payloadTransformer: payloadTransformer.nullable(),
  signature: signatureInput,
  rateLimit: z.strictObject({
    limit: z.int().min(1).max(MAX_LIMIT).optional(),
    windowSeconds: z.int().min(1).max(MAX_WINDOW_SECONDS).optional(),
  }),
  rotateAfterDays: z.int().min(1).max(365).nullable(),
  version: versionReference.nullable(),
};

/** What GET adds to a webhook. It may be sent back, and is ignored. */
const readOnly = z.unknown().optional();

/** Every field is optional, in a new webhook and in a change. What is left out of a change stays as it is. */
export const webhookInputSchema = z
  .strictObject({ ...fields })
  .partial()
  .extend({
    id: readOnly,
    workflowId: readOnly,
    webhookUrl: readOnly,
    secretKey: readOnly,
    signingSecret: readOnly,
    previousSecretValidUntil: readOnly,
    rotatesAt: readOnly,
    triggerCount: readOnly,
    lastTriggeredAt: readOnly,
    createdAt: readOnly,
    updatedAt: readOnly,
  })
  .openapi("WebhookInput");
export type WebhookInput = z.infer<
  z.ZodObject<{ [Field in keyof typeof fields]: z.ZodOptional<(typeof fields)[Field]> }>
>;

export const webhookSchema = z
  .object({
    id: z.string(),
    workflowId: z.string(),
    webhookUrl: z.string().nullable().openapi({ description: "Masked for viewers" }),
    secretKey: z.string().nullable().openapi({
      description: "Masked for viewers. null: sealed with another ENCRYPTION_KEY, so regenerate it",
    }),
    enabled: z.boolean(),
    triggerCount: z.number().int(),
    lastTriggeredAt: z.string().nullable(),
    ipWhitelist: z.array(z.string()),
    payloadTransformer: z.record(z.string(), z.string()).nullable(),
    signature: z.object({
      scheme: z.enum(["none", "github", "standard", "stripe", "hmac"]),
      secret: z.string().optional(),
      header: z.string().optional(),
      encoding: z.enum(["hex", "base64"]).optional(),
      prefix: z.string().optional(),
    }),
    signingSecret: z.string().optional().openapi({
      description: "With the scheme `standard`: the signing key as its libraries take it",
    }),
    rateLimit: z.object({ limit: z.number().int(), windowSeconds: z.number().int() }),
    rotateAfterDays: z.number().int().nullable(),
    rotatesAt: z.string().nullable(),
    previousSecretValidUntil: z.string().nullable(),
    version: versionReference.nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Webhook");
export type WebhookView = z.infer<typeof webhookSchema>;

export const regenerateSchema = z
  .strictObject({ graceSeconds: z.int().min(0).max(MAX_GRACE_SECONDS).default(0) })
  .openapi("RegenerateSecret");

const payload = z
  .unknown()
  .superRefine((value, refinement) => {
    const fault = value === undefined ? null : jsonFault(value, TRIED_LIMITS);
    if (fault !== null) refinement.addIssue({ code: "custom", message: `the payload ${fault}` });
  })
  .openapi({ type: ["object", "array", "string", "number", "boolean", "null"] });

export const testSchema = z
  .strictObject({
    payload: payload.optional(),
    callId: z.string().max(64).optional(),
    payloadTransformer: fields.payloadTransformer.optional(),
    dryRun: z.boolean().default(false),
  })
  .refine((body) => body.payload === undefined || body.callId === undefined, {
    error: "give a payload or the id of a call, not both",
    path: ["callId"],
  })
  .openapi("WebhookTest");
export type WebhookTest = z.infer<typeof testSchema>;

const jsonValue = z.unknown().openapi({ type: ["object", "array", "string", "number", "boolean", "null"] });

export const testedSchema = z
  .object({ success: z.literal(true), transformedInput: jsonValue, executionId: z.string().optional() })
  .openapi("WebhookTested");

export const callSchema = z
  .object({
    id: z.string(),
    at: z.string(),
    ip: z.string().nullable(),
    status: z.number().int(),
    outcome: z.enum(CALL_OUTCOMES),
    failedCheck: z.string().nullable(),
    executionId: z.string().nullable(),
    durationMs: z.number().int(),
    detail: z.string().nullable().openapi({ description: "Why it was refused, for the owner: with what to do" }),
    payloadPreview: z.string().nullable(),
    replayable: z.boolean(),
  })
  .openapi("WebhookCall");
export type CallView = z.infer<typeof callSchema>;

export const callsSchema = z
  .object({
    items: z.array(callSchema),
    nextCursor: z.null(),
    wrongSecrets: z.object({ count: z.number().int(), lastAt: z.string().nullable() }).openapi({
      description: "Calls with the workflow's id and a secret of none of its webhooks",
    }),
  })
  .openapi("WebhookCalls");

export const callPayloadSchema = z.object({ id: z.string(), payload: jsonValue }).openapi("WebhookCallPayload");

/** The public door's answers. */
export const triggeredSchema = z
  .object({ success: z.literal(true), executionId: z.string(), duplicate: z.literal(true).optional() })
  .openapi("Triggered");

export const endedSchema = z
  .object({
    success: z.boolean().openapi({ description: "Whether the execution succeeded" }),
    executionId: z.string(),
    status: z.string(),
    output: z.union([z.string(), z.record(z.string(), z.string())]).nullable(),
    outputTruncated: z.boolean(),
    error: z.object({ code: z.string() }).nullable().openapi({
      description: "`execution_failed` or `execution_cancelled`. Why is for the workspace's members to see",
    }),
    duplicate: z.literal(true).optional(),
  })
  .openapi("TriggeredAndEnded");

export const startedSchema = z.object({ executionId: z.string() }).openapi("WebhookStarted");

export const ofWorkflow = z.object({ id: z.string().max(64) });
export const ofWebhook = z.object({ id: z.string().max(64) });
export const ofCall = z.object({ id: z.string().max(64), callId: z.string().max(64) });

/** Not bounded: a secret that is too long is answered like any wrong one. */
export const doorParams = z.object({ workflowId: z.string(), secretKey: z.string() });

import { z } from "zod";
import { PROVIDERS } from "./contract.ts";
import { MAX_BASE_URL_LENGTH } from "./rules/base-url.ts";

export const providerParams = z.object({ provider: z.enum(PROVIDERS) });

/** Keys are trimmed, because a line break comes along when one is pasted. No message repeats what was sent. */
export const credentialInput = z.strictObject({
  apiKey: z
    .string()
    .trim()
    .max(1_000)
    .regex(/^[\x21-\x7e]*$/, "holds a space, a line break or a letter that no key has: paste it again"),
  /** Absent: the stored one stays. `null`: the provider's own address. */
  baseUrl: z.string().trim().max(MAX_BASE_URL_LENGTH).nullish(),
});

export const credentialTestInput = z.strictObject({ model: z.string().trim().min(1).max(200).optional() });

export type CredentialInput = z.infer<typeof credentialInput>;

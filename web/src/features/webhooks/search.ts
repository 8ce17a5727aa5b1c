import { z } from "zod/mini";

export const WEBHOOK_TABS = ["calls", "mapping", "signature", "settings"] as const;

/** Which side of a webhook is shown, and the call whose payload is mapped. */
export const webhookSearch = z.object({
  tab: z.catch(z.optional(z.enum(WEBHOOK_TABS)), undefined),
  call: z.catch(z.optional(z.string().check(z.minLength(1), z.maxLength(64))), undefined),
});

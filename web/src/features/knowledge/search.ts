import { z } from "zod/mini";

const label = z.string().check(z.minLength(1), z.maxLength(100));

/** The filters of the list: `q` are beginnings of words. */
export const knowledgeSearch = z.object({
  role: z.catch(z.optional(label), undefined),
  category: z.catch(z.optional(label), undefined),
  q: z.catch(z.optional(z.string().check(z.minLength(1), z.maxLength(200))), undefined),
});
export type KnowledgeSearch = z.infer<typeof knowledgeSearch>;

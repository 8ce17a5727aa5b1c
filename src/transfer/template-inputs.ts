import { z } from "@hono/zod-openapi";

export const templateSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    category: z.string(),
    agents: z.array(z.object({ name: z.string(), role: z.string(), provider: z.string(), model: z.string() })),
  })
  .openapi("Template");
export type TemplateView = z.infer<typeof templateSchema>;

export const templateParams = z.object({ id: z.string().max(64) });

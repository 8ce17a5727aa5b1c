import type { TemplateView } from "./template-inputs.ts";
import { TEMPLATES } from "./templates/index.ts";

/** The gallery: what each template is for, and whom it sets to work. */
export function listTemplates(): TemplateView[] {
  return TEMPLATES.map(({ id, category, bundle }) => ({
    id,
    name: bundle.workflow.name,
    description: bundle.workflow.description,
    category,
    agents: bundle.agents.map(({ name, role, provider, model }) => ({ name, role, provider, model })),
  }));
}

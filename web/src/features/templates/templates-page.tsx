import { Section } from "../../ui/index.ts";
import { TemplateGallery } from "./template-gallery.tsx";

/** The gallery of templates. */
export function TemplatesPage() {
  return (
    <Section
      title="Templates"
      sentence="Workflows that come with Swarm. Each becomes one of yours, to change as you like; agents fall back to whichever provider has a key."
    >
      <TemplateGallery />
    </Section>
  );
}

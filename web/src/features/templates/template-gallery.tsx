import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCan } from "../../api/me.ts";
import { Loaded, ModelChip, notifyDone, notifyFailed } from "../../ui/index.ts";
import { type Template, templatesQuery, useInstall } from "./queries.ts";
import "./templates.css";

/** The templates as cards. Using one makes a workflow of it and opens that. */
export function TemplateGallery() {
  const templates = useQuery(templatesQuery);
  const mayInstall = useCan("transfer.run");
  const navigate = useNavigate();
  const install = useInstall();
  const use = (template: Template) =>
    install.mutate(template.id, {
      onSuccess: (workflow) => {
        notifyDone(`Created ${workflow.name}. Its schedules are paused, and its webhooks have secrets of their own.`);
        void navigate({ to: "/workflows/$workflowId", params: { workflowId: workflow.id } });
      },
      onError: (error) => notifyFailed(error, `No workflow was made of ${template.name}.`),
    });
  return (
    <Loaded query={templates} title="The templates could not be loaded" skeleton={<Cards />}>
      {(items) => (
        <ul className="sw-templates">
          {items.map((template) => (
            <li key={template.id} className="sw-template" aria-label={template.name}>
              <div>
                <h3>{template.name}</h3>
                <div className="sw-template-category">{template.category}</div>
              </div>
              <p>{template.description}</p>
              <ul className="sw-template-agents" aria-label="Agents">
                {template.agents.map(({ name, provider, model }) => (
                  <li key={name}>
                    <span>{name}</span>
                    <ModelChip provider={provider} model={model} />
                  </li>
                ))}
              </ul>
              {mayInstall && (
                <Button
                  variant="default"
                  aria-label={`Use template ${template.name}`}
                  loading={install.isPending && install.variables === template.id}
                  disabled={install.isPending}
                  onClick={() => use(template)}
                >
                  Use template
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Cards() {
  return (
    <div className="sw-templates" aria-busy="true">
      {[0, 1, 2, 3].map((card) => (
        <Skeleton key={card} height={280} />
      ))}
    </div>
  );
}

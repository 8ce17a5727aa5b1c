import { Checkbox, Fieldset, Stack } from "@mantine/core";
import type { ExportOptions } from "./queries.ts";
import "./transfer.css";

/** What an export leaves out unless it is asked for. */
export const NOTHING_INCLUDED: ExportOptions = {
  includeVersions: false,
  includeSchedules: false,
  includeWebhooks: false,
  includeExecutions: false,
  includeKnowledge: false,
  anonymize: false,
  strict: false,
};

const INCLUDES = [
  { name: "includeVersions", label: "Versions", description: "The history, with messages and tags" },
  { name: "includeSchedules", label: "Schedules", description: "They arrive paused" },
  { name: "includeWebhooks", label: "Webhooks", description: "Without their secrets; they arrive with new ones" },
  { name: "includeExecutions", label: "Executions", description: "Those that have ended, with inputs and outputs" },
  { name: "includeKnowledge", label: "Knowledge", description: "The entries of the agents' roles" },
] as const satisfies readonly { name: keyof ExportOptions; label: string; description: string }[];

/** An anonymized file is a template: these never go along, whatever is asked for. */
const NEVER_ANONYMOUS: ReadonlySet<keyof ExportOptions> = new Set([
  "includeVersions",
  "includeExecutions",
  "includeKnowledge",
]);

interface OptionFieldsProps {
  options: ExportOptions;
  onChange: (options: ExportOptions) => void;
  /** What the scan for secrets refuses: "the file", "a workflow". */
  refused: string;
}

/** What goes along with exported workflows, and what must not. */
export function OptionFields({ options, onChange, refused }: OptionFieldsProps) {
  return (
    <>
      <Fieldset legend="Include beside the draft" variant="unstyled">
        <div className="sw-options">
          {INCLUDES.map(({ name, label, description }) => {
            const left = options.anonymize && NEVER_ANONYMOUS.has(name);
            return (
              <Checkbox
                key={name}
                label={label}
                description={left ? "Not in an anonymized file" : description}
                disabled={left}
                checked={options[name] && !left}
                onChange={(event) => onChange({ ...options, [name]: event.currentTarget.checked })}
              />
            );
          })}
        </div>
      </Fieldset>
      <Fieldset legend="Before it leaves" variant="unstyled">
        <Stack gap="sm" mt="xs">
          <Checkbox
            label="Anonymize"
            description="Makes a template: prompts stay, but no ids, people, addresses, inputs or history"
            checked={options.anonymize}
            onChange={(event) => onChange({ ...options, anonymize: event.currentTarget.checked })}
          />
          <Checkbox
            label="Strict"
            description={`Refuse ${refused} when something in it looks like a key, a token or a password`}
            checked={options.strict}
            onChange={(event) => onChange({ ...options, strict: event.currentTarget.checked })}
          />
        </Stack>
      </Fieldset>
    </>
  );
}

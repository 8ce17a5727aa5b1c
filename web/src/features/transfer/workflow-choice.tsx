import { Checkbox, Radio, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { LinesSkeleton } from "../../ui/index.ts";
import { useWorkflowNames } from "../executions/index.ts";
import "./transfer.css";

interface WorkflowChoiceProps {
  /** Null is all of them. */
  chosen: readonly string[] | null;
  onChange: (chosen: readonly string[] | null) => void;
}

/** All workflows, or some of them by name. */
export function WorkflowChoice({ chosen, onChange }: WorkflowChoiceProps) {
  const names = useWorkflowNames();
  return (
    <Stack gap="sm">
      <Radio.Group
        label="Which workflows"
        value={chosen === null ? "all" : "some"}
        onChange={(value) => onChange(value === "all" ? null : [])}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label="All of the workspace" />
          <Radio value="some" label="Only some" />
        </Stack>
      </Radio.Group>
      {chosen !== null &&
        (names === undefined ? <LinesSkeleton /> : <Names names={names} chosen={chosen} onChange={onChange} />)}
    </Stack>
  );
}

interface NamesProps {
  names: readonly { id: string; name: string }[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

function Names({ names, chosen, onChange }: NamesProps) {
  const [sought, setSought] = useState("");
  const found = names.filter(({ name }) => name.toLowerCase().includes(sought.trim().toLowerCase()));
  return (
    <div className="sw-choice">
      <TextInput
        size="xs"
        type="search"
        aria-label="Find workflows"
        placeholder="Find workflows"
        value={sought}
        onChange={(event) => setSought(event.currentTarget.value)}
      />
      <Checkbox.Group value={[...chosen]} onChange={onChange} aria-label="Workflows">
        <div className="sw-choice-list">
          {found.map(({ id, name }) => (
            <Checkbox key={id} value={id} label={name} />
          ))}
          {found.length === 0 && <span className="sw-muted">No workflow has this in its name</span>}
        </div>
      </Checkbox.Group>
    </div>
  );
}

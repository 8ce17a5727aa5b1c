import { Group, NativeSelect, Select, Stack, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Draft } from "./draft.ts";

interface RulesFieldsProps {
  draft: Draft;
  workflows: readonly { id: string; name: string }[];
  faultOf: (path: string) => string | undefined;
  onChange: (changed: Partial<Draft>) => void;
}

/** What happens when times are missed, runs meet, fail, or should not be: each with a default that suits most. */
export function RulesFields({ draft, workflows, faultOf, onChange }: RulesFieldsProps) {
  const text = (name: TextField) => ({
    value: draft[name],
    error: faultOf(name),
    onChange: (event: { currentTarget: { value: string } }) => onChange(patch(name, event.currentTarget.value)),
  });
  const whole = { inputMode: "numeric", autoComplete: "off" } as const;
  return (
    <Stack gap="md">
      <Rules title="Runs that meet, and times that were missed">
        <Group gap="sm" grow align="start">
          <NativeSelect
            label="While the run before is under way"
            data={[
              { value: "skip", label: "Skip the new one" },
              { value: "queue", label: "Queue one" },
              { value: "allow", label: "Run side by side" },
            ]}
            value={draft.overlap}
            onChange={(event) => onChange({ overlap: chosen(event, ["skip", "queue", "allow"]) })}
          />
          <NativeSelect
            label="Times that were missed"
            data={[
              { value: "once", label: "Run once for all" },
              { value: "skip", label: "Skip" },
              { value: "all", label: "Run each" },
            ]}
            value={draft.catchUp}
            disabled={draft.starts === "after"}
            onChange={(event) => onChange({ catchUp: chosen(event, ["once", "skip", "all"]) })}
          />
        </Group>
      </Rules>
      <Rules title="When runs fail">
        <Group gap="sm" grow align="start">
          <TextInput label="Retries" {...whole} {...text("maxRetries")} />
          <TextInput label="First retry after (s)" {...whole} {...text("retryDelaySeconds")} />
          <TextInput label="Pause after failures" placeholder="Never" {...whole} {...text("pauseAfterFailures")} />
        </Group>
      </Rules>
      <Rules title="Only when">
        <Textarea
          label="Condition (optional)"
          description="JMESPath over last, the newest execution that has ended, and scheduledFor. Not truthy: the run is skipped."
          placeholder="last.status == 'succeeded'"
          classNames={{ input: "sw-mono" }}
          autosize
          minRows={1}
          maxRows={6}
          spellCheck={false}
          {...text("condition")}
          error={faultOf("condition.expression") ?? faultOf("condition")}
        />
        {draft.condition.trim() !== "" && (
          <Select
            label="Whose last execution"
            placeholder="This workflow's"
            clearable
            clearButtonProps={{ "aria-label": "Back to this workflow's" }}
            searchable
            data={workflows.map(({ id, name }) => ({ value: id, label: name }))}
            value={draft.conditionWorkflow}
            onChange={(conditionWorkflow) => onChange({ conditionWorkflow })}
          />
        )}
      </Rules>
      {draft.starts === "times" && (
        <Rules title="From when to when, and how exactly">
          <Group gap="sm" grow align="start">
            <TextInput type="datetime-local" label="Not before (your time)" {...text("startAt")} />
            <TextInput type="datetime-local" label="Not after (your time)" {...text("endAt")} />
          </Group>
          <Group gap="sm" grow align="start">
            <NativeSelect
              label="Times that the clocks leave out"
              data={[
                { value: "suited", label: "As suits the expression" },
                { value: "shift", label: "Run at the change" },
                { value: "skip", label: "Skip" },
              ]}
              value={draft.gap}
              onChange={(event) => onChange({ gap: chosen(event, ["suited", "shift", "skip"]) })}
            />
            <NativeSelect
              label="Times that come twice"
              data={[
                { value: "suited", label: "As suits the expression" },
                { value: "first", label: "Run at the first" },
                { value: "both", label: "Run at both" },
              ]}
              value={draft.repeated}
              onChange={(event) => onChange({ repeated: chosen(event, ["suited", "first", "both"]) })}
            />
          </Group>
          <TextInput
            label="Spread starts over (s)"
            description="Each start is put off by chance, by so many seconds at most."
            {...whole}
            {...text("jitterSeconds")}
          />
        </Rules>
      )}
    </Stack>
  );
}

function Rules({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="sw-rules">
      <legend>{title}</legend>
      <Stack gap="sm">{children}</Stack>
    </fieldset>
  );
}

type TextField =
  | "maxRetries"
  | "retryDelaySeconds"
  | "pauseAfterFailures"
  | "condition"
  | "startAt"
  | "endAt"
  | "jitterSeconds";

/** An object of one name: a computed key alone would be an object of any. */
function patch(name: TextField, value: string): Partial<Draft> {
  const changed: Partial<Draft> = {};
  changed[name] = value;
  return changed;
}

/** The choice as one of those that were offered, the first of which stands for anything else. */
function chosen<Choice extends string>(
  { currentTarget }: { currentTarget: { value: string } },
  choices: readonly [Choice, ...Choice[]],
): Choice {
  return choices.find((choice) => choice === currentTarget.value) ?? choices[0];
}

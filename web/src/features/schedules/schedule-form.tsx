import { Button, Group, SegmentedControl, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { useCan } from "../../api/me.ts";
import { changedFields } from "../../lib/changed-fields.ts";
import { EmptyState, ErrorState, Loaded, UnsavedGuard, VersionField } from "../../ui/index.ts";
import { InputForm, useWorkflowNames, workflowQuery } from "../executions/index.ts";
import { CronBuilder } from "./cron-builder.tsx";
import { bodyOf, type Draft } from "./draft.ts";
import { PreviewPanel, usePreview } from "./preview-panel.tsx";
import { type Schedule, useSaveSchedule } from "./queries.ts";
import { RulesFields } from "./rules-fields.tsx";
import { ZoneField } from "./zone-field.tsx";
import "./schedules.css";

interface ScheduleFormProps {
  workflowId: string;
  /** The schedule that is changed; undefined for a new one. */
  scheduleId?: string;
  initial: Draft;
  input: unknown;
  onSaved: (schedule: Schedule) => void;
  onCancel: () => void;
}

/** Makes or changes a schedule, with its next runs beside it while one chooses. Says so to those who may not. */
export function ScheduleForm(props: ScheduleFormProps) {
  if (useCan("triggers.edit")) return <Form {...props} />;
  return (
    <EmptyState
      title="Only editors change schedules"
      action={
        <Button variant="default" onClick={props.onCancel}>
          Back
        </Button>
      }
    >
      An owner of this workspace can make you one.
    </EmptyState>
  );
}

function Form({ workflowId, scheduleId, initial, input, onSaved, onCancel }: ScheduleFormProps) {
  const workflow = useQuery(workflowQuery(workflowId));
  const others = useWorkflowNames()?.filter(({ id }) => id !== workflowId) ?? [];
  const save = useSaveSchedule();
  const [draft, setDraft] = useState(initial);
  // As it was when the form was opened: what comes in later is somebody else's change.
  const [opened] = useState(() => bodyOf(initial, input));
  const [touched, setTouched] = useState(false);
  const preview = usePreview(draft);
  const change = (changed: Partial<Draft>) => {
    setDraft((old) => ({ ...old, ...changed }));
    setTouched(true);
    if (!save.isPending) save.reset();
  };
  const refused = save.error instanceof ApiError ? save.error : null;
  const previewed = preview.query.error instanceof ApiError ? preview.query.error : null;
  const faultOf = (path: string) =>
    refused?.detailOf(path) ?? (previewed?.detailOf(path) === undefined ? undefined : previewed.message);
  const atFields =
    refused !== null && refused.details.length > 0 && refused.details.every(({ path }) => FIELDS.has(path));
  const submit = (given: unknown) => {
    const json = bodyOf(draft, given);
    save.mutate(
      scheduleId === undefined ? { workflowId, json } : { workflowId, scheduleId, json: changedFields(opened, json) },
      { onSuccess: onSaved },
    );
  };

  return (
    <Loaded query={workflow} title="The workflow could not be loaded">
      {({ settings }) => (
        <div className="sw-schedule-form">
          <InputForm
            schema={settings.inputSchema}
            initial={input}
            onSubmit={submit}
            onChange={() => setTouched(true)}
            above={
              <Stack gap="md">
                <SegmentedControl
                  aria-label="What starts it"
                  data={[
                    { value: "times", label: "At times" },
                    { value: "after", label: "After another workflow" },
                  ]}
                  value={draft.starts}
                  onChange={(starts) => change({ starts })}
                  style={{ alignSelf: "flex-start" }}
                />
                {draft.starts === "times" ? (
                  <>
                    <CronBuilder
                      value={draft.cronExpression}
                      error={preview.fault ?? faultOf("cronExpression")}
                      onChange={(cronExpression) => change({ cronExpression })}
                    />
                    <ZoneField
                      value={draft.timezone}
                      error={faultOf("timezone")}
                      onChange={(timezone) => change({ timezone })}
                    />
                  </>
                ) : (
                  <Select
                    label="After each success of"
                    description="Runs within a minute after that workflow has succeeded, whatever started it."
                    placeholder="Choose a workflow"
                    searchable
                    data={others.map(({ id, name }) => ({ value: id, label: name }))}
                    nothingFoundMessage="There is no other workflow of such a name."
                    value={draft.after}
                    error={faultOf("after.workflowId") ?? faultOf("after")}
                    onChange={(after) => change({ after })}
                  />
                )}
                <h3 className="sw-form-head">What it is given</h3>
              </Stack>
            }
          >
            <VersionField
              workflowId={workflowId}
              value={draft.version}
              error={refused?.code === "version_not_found" ? refused.message : faultOf("version")}
              onChange={(version) => change({ version })}
            />
            <RulesFields draft={draft} workflows={others} faultOf={faultOf} onChange={change} />
            {save.error && !atFields && refused?.code !== "version_not_found" && (
              <ErrorState error={save.error} title="The schedule was not saved. What you entered is kept" />
            )}
            {atFields && (
              <p className="sw-form-fault" role="alert">
                The schedule was not saved: see the fields that are marked.
              </p>
            )}
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={onCancel}>
                Cancel
              </Button>
              <Button
                type="submit"
                loading={save.isPending}
                disabled={draft.starts === "after" && draft.after === null}
              >
                {scheduleId === undefined ? "Create schedule" : "Save schedule"}
              </Button>
            </Group>
          </InputForm>
          <aside className="sw-schedule-aside" aria-label="What this means">
            {draft.starts === "times" ? (
              <PreviewPanel preview={preview} draft={draft} />
            ) : (
              <p className="sw-muted">
                It has no times of its own: each success of the other workflow starts it, one after another.
              </p>
            )}
          </aside>
          <UnsavedGuard unsaved={touched && !save.isSuccess} what="The schedule" />
        </div>
      )}
    </Loaded>
  );
}

/** Fields that show their own fault. */
const FIELDS = new Set([
  "cronExpression",
  "timezone",
  "after",
  "after.workflowId",
  "version",
  "startAt",
  "endAt",
  "jitterSeconds",
  "condition",
  "condition.expression",
  "pauseAfterFailures",
  "maxRetries",
  "retryDelaySeconds",
]);

import { Button, Group, Modal, Radio, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { changedFields } from "../../lib/changed-fields.ts";
import { ownTimeZone, timeZones } from "../../lib/time-zones.ts";
import { ErrorState, fieldFault } from "../../ui/index.ts";
import { useWorkflowNames } from "../executions/index.ts";
import { type Budget, type NewBudget, useSaveBudget } from "./queries.ts";
import { ACTIONS, PERIODS, percentages } from "./words.ts";

interface BudgetFormProps {
  /** The budget to change, "new" for one to make; null while the dialog is closed. */
  budget: Budget | "new" | null;
  /** `secret` signs the webhook, and is known now only; null when none was made. */
  onSaved: (secret: string | null) => void;
  onClose: () => void;
}

/** Makes a budget, or changes one. */
export function BudgetForm({ budget, onSaved, onClose }: BudgetFormProps) {
  const title = budget === "new" ? "Create budget" : "Edit budget";
  const save = useSaveBudget();
  // A secret may be on its way that a dialog which is gone could not show.
  const close = () => {
    if (save.isPending) return;
    save.reset();
    onClose();
  };
  return (
    <Modal opened={budget !== null} onClose={close} title={title} size="lg" closeOnClickOutside={false}>
      {budget !== null && (
        <Fields budget={budget === "new" ? null : budget} save={save} onSaved={onSaved} onClose={close} verb={title} />
      )}
    </Modal>
  );
}

const ZONES = timeZones();

function Fields({
  budget,
  save,
  onSaved,
  onClose,
  verb,
}: Omit<BudgetFormProps, "budget"> & {
  budget: Budget | null;
  save: ReturnType<typeof useSaveBudget>;
  verb: string;
}) {
  const workflows = useWorkflowNames();
  const [typed, setTyped] = useState(() => initial(budget));
  const change = (changed: Partial<typeof typed>) => setTyped({ ...typed, ...changed });
  const alertAt = percentages(typed.alertAt);
  const fault = (field: keyof NewBudget) => fieldFault(save.error, field);
  const atField = FAULTY_FIELDS.some((field) => fault(field) !== null);
  const submit = () => {
    if (alertAt === null) return;
    const body = bodyOf(typed, alertAt);
    save.mutate(
      budget === null
        ? { id: null, budget: body }
        : { id: budget.id, change: changedFields(bodyOf(initial(budget), budget.alertAt), body) },
      { onSuccess: ({ webhookSecret }) => onSaved(webhookSecret ?? null) },
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <SegmentedControl
          aria-label="What it limits"
          data={[
            { value: "workspace", label: "The whole workspace" },
            { value: "workflow", label: "One workflow" },
          ]}
          value={typed.scope}
          onChange={(value) => change({ scope: value === "workflow" ? "workflow" : "workspace" })}
        />
        {typed.scope === "workflow" && (
          <Select
            label="Workflow"
            placeholder="Choose one"
            required
            searchable
            data={(workflows ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={typed.workflowId}
            onChange={(workflowId) => change({ workflowId })}
            error={fault("workflowId")}
          />
        )}
        <Group gap="md" grow align="flex-start">
          <TextInput
            data-autofocus
            label="Limit"
            description="US dollars, to the nano-dollar"
            leftSection="$"
            inputMode="decimal"
            required
            value={typed.limitUsd}
            onChange={(event) => change({ limitUsd: event.currentTarget.value })}
            error={fault("limitUsd")}
          />
          <Select
            label="Each"
            description="Begins anew with it"
            allowDeselect={false}
            data={Object.entries(PERIODS).map(([value, label]) => ({ value, label }))}
            value={typed.period}
            onChange={(value) => change({ period: PERIOD_NAMES.find((name) => name === value) ?? typed.period })}
          />
          <Select
            label="Time zone"
            description="Whose calendar counts"
            searchable
            allowDeselect={false}
            limit={100}
            data={ZONES}
            value={typed.timezone}
            onChange={(value) => change({ timezone: value ?? typed.timezone })}
            error={fault("timezone")}
          />
        </Group>
        <Radio.Group
          label="At the limit"
          value={typed.action}
          onChange={(value) => change({ action: value === "block" ? "block" : "alert" })}
        >
          <Stack gap="sm" mt="xs">
            <Radio value="alert" label={ACTIONS.alert} />
            <Radio
              value="block"
              label={ACTIONS.block}
              description="Before each call the most that it can cost is reserved. One that does not fit is not sent."
            />
          </Stack>
        </Radio.Group>
        <TextInput
          label="Alert at"
          description="Per cent of the limit, each told once a period"
          value={typed.alertAt}
          onChange={(event) => change({ alertAt: event.currentTarget.value })}
          error={alertAt === null ? "Whole numbers from 1 to 100, separated by commas." : fault("alertAt")}
        />
        <TextInput
          label="Webhook (optional)"
          description="Where alerts are sent, signed. https, to a public name."
          placeholder="https://"
          value={typed.webhookUrl}
          onChange={(event) => change({ webhookUrl: event.currentTarget.value })}
          error={fault("webhookUrl")}
        />
        {save.error && !atField && (
          <ErrorState error={save.error} title="The budget was not saved. What you entered is kept" />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" disabled={save.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {budget === null ? verb : "Save budget"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Fields that show their own fault. */
const FAULTY_FIELDS = ["workflowId", "limitUsd", "timezone", "alertAt", "webhookUrl"] as const;

const PERIOD_NAMES = ["day", "week", "month"] as const satisfies readonly Budget["period"][];

interface Typed {
  scope: Budget["scope"];
  workflowId: string | null;
  period: Budget["period"];
  timezone: string;
  limitUsd: string;
  alertAt: string;
  action: Budget["action"];
  webhookUrl: string;
}

function initial(budget: Budget | null): Typed {
  if (budget === null) {
    return {
      scope: "workspace",
      workflowId: null,
      period: "month",
      timezone: ownTimeZone(),
      limitUsd: "",
      alertAt: "50, 80, 100",
      action: "alert",
      webhookUrl: "",
    };
  }
  const { scope, workflowId, period, timezone, limitUsd, alertAt, action, webhookUrl } = budget;
  const percent = alertAt.join(", ");
  return { scope, workflowId, period, timezone, limitUsd, alertAt: percent, action, webhookUrl: webhookUrl ?? "" };
}

function bodyOf({ webhookUrl, limitUsd, scope, workflowId, ...typed }: Typed, alertAt: number[]): NewBudget {
  const url = webhookUrl.trim();
  return {
    ...typed,
    alertAt,
    limitUsd: limitUsd.trim(),
    scope,
    workflowId: scope === "workflow" ? workflowId : null,
    webhookUrl: url === "" ? null : url,
  };
}

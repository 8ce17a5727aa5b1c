import { Button } from "@mantine/core";
import { useState } from "react";
import { keys } from "../../api/keys.ts";
import { useLiveRefresh } from "../../api/live.tsx";
import { useCan } from "../../api/me.ts";
import {
  type Column,
  DataTable,
  EmptyState,
  notifyDone,
  notifyFailed,
  Page,
  PageLink,
  RelativeTime,
  useCommands,
} from "../../ui/index.ts";
import { AnalyticsTabs } from "../analytics/index.ts";
import { useWorkflowNames } from "../executions/index.ts";
import { AlertHistory } from "./alert-history.tsx";
import { BudgetForm } from "./budget-form.tsx";
import { BudgetMeter } from "./budget-meter.tsx";
import { BudgetRowMenu } from "./budget-row-menu.tsx";
import { type Budget, useBudgets, useDeleteBudget, useSaveBudget } from "./queries.ts";
import { WebhookSecret } from "./webhook-secret.tsx";
import { ACTIONS, PERIODS } from "./words.ts";

/** The workspace's budgets with what is left of each, and what they have told. */
export function BudgetsPage() {
  const list = useBudgets();
  const workflows = useWorkflowNames();
  const mayManage = useCan("budgets.manage");
  const [editing, setEditing] = useState<Budget | "new" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const remove = useRemove(setSecret);
  useLiveRefresh(keys.budgets, ({ type }) => type === "cost");
  useCommands(
    mayManage
      ? [{ id: "create", label: "Create budget", group: "This page", keys: "c", run: () => setEditing("new") }]
      : [],
  );
  const nameOf = ({ workflowId }: Budget) =>
    workflowId === null ? "The workspace" : (workflows?.find(({ id }) => id === workflowId)?.name ?? "A workflow");
  const inSentence = (budget: Budget) => (budget.workflowId === null ? "the workspace" : nameOf(budget));
  const create = mayManage && <Button onClick={() => setEditing("new")}>Create budget</Button>;

  const columns: Column<Budget>[] = [
    {
      id: "scope",
      header: "Limits",
      cell: (budget) =>
        budget.workflowId === null ? (
          nameOf(budget)
        ) : (
          <PageLink to="/workflows/$workflowId" params={{ workflowId: budget.workflowId }}>
            {nameOf(budget)}
          </PageLink>
        ),
    },
    { id: "spent", header: "Spent", width: "360px", cell: (budget) => <BudgetMeter budget={budget} /> },
    { id: "period", header: "Each", width: "152px", cell: ({ period }) => PERIODS[period] },
    {
      id: "action",
      header: "At the limit",
      width: "176px",
      low: true,
      cell: ({ action }) => ACTIONS[action],
    },
    {
      id: "anew",
      header: "Begins anew",
      align: "right",
      width: "104px",
      cell: ({ periodEnd, timezone }) => (
        <span title={`By the calendar of ${timezone}`}>
          <RelativeTime at={periodEnd} />
        </span>
      ),
    },
    ...(mayManage
      ? [
          {
            id: "menu",
            header: "",
            align: "right" as const,
            width: "48px",
            cell: (budget: Budget) => (
              <BudgetRowMenu
                name={inSentence(budget)}
                onEdit={() => setEditing(budget)}
                onDelete={() => remove(budget, inSentence(budget))}
              />
            ),
          },
        ]
      : []),
  ];

  return (
    <Page
      title="Budgets"
      sentence="What the workspace or one of its workflows may spend in a day, a week or a month."
      action={create}
      tabs={<AnalyticsTabs />}
    >
      <DataTable
        label="Budgets"
        columns={columns}
        list={list}
        rowKey={({ id }) => id}
        {...(mayManage ? { onOpen: setEditing } : {})}
        errorTitle="The budgets could not be loaded"
        empty={
          <EmptyState title="No budgets yet" action={create}>
            {mayManage
              ? "A budget tells you when spending nears a limit, and can refuse calls that would pass it."
              : "A budget tells when spending nears a limit, and can refuse calls that would pass it. An owner of this workspace can create one."}
          </EmptyState>
        }
      />
      {list.rows?.length !== 0 && <AlertHistory />}
      <BudgetForm
        budget={editing}
        onClose={() => setEditing(null)}
        onSaved={(made) => {
          setEditing(null);
          setSecret(made);
          notifyDone("Saved the budget. It counts at once.");
        }}
      />
      <WebhookSecret secret={secret} onClose={() => setSecret(null)} />
    </Page>
  );
}

/** Deletes at once, and makes the same budget anew when that is taken back: with it a webhook gets another secret. */
function useRemove(onSecret: (secret: string | null) => void) {
  const remove = useDeleteBudget();
  const save = useSaveBudget();
  const restore = ({ scope, workflowId, period, timezone, limitUsd, alertAt, action, webhookUrl }: Budget) =>
    save.mutate(
      { id: null, budget: { scope, workflowId, period, timezone, limitUsd, alertAt, action, webhookUrl } },
      {
        onSuccess: ({ webhookSecret }) => onSecret(webhookSecret ?? null),
        onError: (error) => notifyFailed(error, "The budget was not brought back."),
      },
    );
  return (budget: Budget, name: string) =>
    remove.mutate(budget.id, {
      onSuccess: () => notifyDone(`Deleted the budget of ${name}.`, { undo: () => restore(budget) }),
      onError: (error) => notifyFailed(error, "The budget was not deleted."),
    });
}

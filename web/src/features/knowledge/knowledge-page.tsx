import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import {
  type Column,
  DataTable,
  EmptyState,
  FilterBar,
  Page,
  RelativeTime,
  removeWithUndo,
  useCommands,
  useRemoved,
} from "../../ui/index.ts";
import { EntryDialog } from "./entry-dialog.tsx";
import { deleteEntry, type Entry, labelsQuery, useEntries } from "./queries.ts";
import { knowledgeSearch } from "./search.ts";
import { Source } from "./source.tsx";
import "./knowledge.css";

const route = getRouteApi("/inside/knowledge");

/** What the workspace's agents may draw on. */
export function KnowledgePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useEntries(search);
  const removed = useRemoved();
  const labels = useQuery(labelsQuery);
  const mayEdit = useCan("knowledge.edit");
  const [open, setOpen] = useState<Entry | "new" | null>(null);
  useCommands(
    mayEdit
      ? [{ id: "create", label: "Write knowledge down", group: "This page", keys: "c", run: () => setOpen("new") }]
      : [],
  );
  const remove = ({ id }: Entry) =>
    removeWithUndo({
      id,
      done: "Deleted the entry.",
      failed: "The entry was not deleted.",
      remove: () => deleteEntry(id),
    });

  const columns: Column<Entry>[] = [
    { id: "content", header: "What is known", cell: ({ content }) => <b className="sw-entry-line">{content}</b> },
    { id: "role", header: "Role", width: "144px", cell: ({ agentRole }) => agentRole },
    { id: "category", header: "Category", width: "144px", low: true, cell: ({ category }) => category },
    { id: "source", header: "Written by", width: "144px", cell: (entry) => <Source {...entry} /> },
    {
      id: "confidence",
      header: "Confidence",
      align: "right",
      width: "104px",
      cell: ({ confidence }) => <Confidence value={confidence} />,
    },
    {
      id: "changed",
      header: "Changed",
      align: "right",
      width: "112px",
      low: true,
      cell: ({ updatedAt }) => <RelativeTime at={updatedAt} />,
    },
    ...(mayEdit
      ? [
          {
            id: "menu",
            header: "",
            align: "right" as const,
            width: "48px",
            cell: (entry: Entry) => (
              <EntryMenu entry={entry} onEdit={() => setOpen(entry)} onDelete={() => remove(entry)} />
            ),
          },
        ]
      : []),
  ];
  const filtered = Object.values(search).some((value) => value !== undefined);
  const write = mayEdit && <Button onClick={() => setOpen("new")}>Write knowledge down</Button>;
  return (
    <Page
      title="Knowledge"
      sentence="What agents may draw on, by their role: written down by people, or learned in an execution."
      action={write}
      filters={
        <FilterBar
          filters={[
            { kind: "text", name: "q", label: "Search" },
            { kind: "text", name: "role", label: "Role", suggestions: labels.data?.roles ?? [] },
            { kind: "text", name: "category", label: "Category", suggestions: labels.data?.categories ?? [] },
          ]}
          values={search}
          onChange={(changed) =>
            void navigate({ search: (old) => knowledgeSearch.parse({ ...old, ...changed }), replace: true })
          }
        />
      }
    >
      <DataTable
        label="Knowledge"
        columns={columns}
        list={{ ...list, rows: list.rows?.filter(({ id }) => !removed.has(id)) }}
        rowKey={({ id }) => id}
        onOpen={setOpen}
        errorTitle="The knowledge could not be loaded"
        empty={
          filtered ? (
            <EmptyState
              title="No entry fits"
              action={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  Show all entries
                </Button>
              }
            >
              None of the workspace's entries is as the filters ask.
            </EmptyState>
          ) : (
            <EmptyState title="No knowledge yet" action={write}>
              An entry is something that agents of a role should know: a rule, a term, a fact. It is given to agents
              that use knowledge, where it helps with their task.
            </EmptyState>
          )
        }
      />
      <EntryDialog
        open={open}
        start={{
          ...(search.role === undefined ? {} : { agentRole: search.role }),
          ...(search.category === undefined ? {} : { category: search.category }),
        }}
        onClose={() => setOpen(null)}
      />
    </Page>
  );
}

function Confidence({ value }: { value: number }) {
  if (value > 0) return <span className="sw-number">{value}</span>;
  return <span title="With 0 it is kept, and given to no agent">0, not given</span>;
}

function EntryMenu({ entry, onEdit, onDelete }: { entry: Entry; onEdit: () => void; onDelete: () => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${entry.content.slice(0, 60)}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onEdit}>Edit entry</Menu.Item>
        <Menu.Item color="var(--sw-failed)" onClick={onDelete}>
          Delete entry
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

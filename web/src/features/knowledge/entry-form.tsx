import { Autocomplete, Button, Group, NumberInput, Stack, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { changedFields } from "../../lib/changed-fields.ts";
import { ErrorState, notifyDone } from "../../ui/index.ts";
import { agentRolesQuery, type Entry, type EntryFields, labelsQuery, useSaveEntry } from "./queries.ts";

const MAX_LABEL = 100;
const MAX_TEXT = 20_000;

interface EntryFormProps {
  /** The entry that is changed; null for a new one. */
  entry: Entry | null;
  /** What a new one begins with: the role and category that the list is narrowed to. */
  start: Partial<EntryFields>;
  onChanged: () => void;
  onCancel: () => void;
  onSaved: () => void;
}

/** Writes an entry down, or changes one. What was typed stays when it is refused. */
export function EntryForm({ entry, start, onChanged, onCancel, onSaved }: EntryFormProps) {
  const labels = useQuery(labelsQuery);
  const agentRoles = useQuery(agentRolesQuery);
  const save = useSaveEntry();
  const [typed, setTyped] = useState<EntryFields>(() => ({
    agentRole: entry?.agentRole ?? start.agentRole ?? "",
    category: entry?.category ?? start.category ?? "",
    content: entry?.content ?? "",
    context: entry?.context ?? "",
    confidence: entry?.confidence ?? 100,
  }));
  const change = (changed: Partial<EntryFields>) => {
    setTyped({ ...typed, ...changed });
    onChanged();
  };
  const { error } = save;
  const faultOf = (field: keyof EntryFields) => (error instanceof ApiError ? error.detailOf(field) : undefined);
  const known = error instanceof ApiError && (error.status === 422 || error.code === "knowledge_exists");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const context = (typed.context ?? "").trim();
    const written = { ...typed, context: context === "" ? null : context };
    save.mutate(
      entry === null ? { id: null, entry: written } : { id: entry.id, change: changedFields(asFields(entry), written) },
      {
        onSuccess: ({ agentRole }) => {
          onSaved();
          notifyDone(
            entry ? "Saved the entry." : `Written down. Agents of the role ${agentRole} that use knowledge draw on it.`,
          );
        },
      },
    );
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Group gap="md" grow align="flex-start">
          <Autocomplete
            data-autofocus={entry === null || undefined}
            label="Role"
            description="Agents of this role draw on it"
            required
            maxLength={MAX_LABEL}
            data={agentRoles.data ?? []}
            limit={12}
            error={faultOf("agentRole")}
            value={typed.agentRole}
            onChange={(agentRole) => change({ agentRole })}
          />
          <Autocomplete
            label="Category"
            description="A word to find it by"
            required
            maxLength={MAX_LABEL}
            data={labels.data?.categories ?? []}
            limit={12}
            error={faultOf("category")}
            value={typed.category}
            onChange={(category) => change({ category })}
          />
        </Group>
        <Textarea
          label="What is known"
          required
          autosize
          minRows={3}
          maxRows={12}
          maxLength={MAX_TEXT}
          error={faultOf("content")}
          value={typed.content}
          onChange={(event) => change({ content: event.currentTarget.value })}
        />
        <Textarea
          label="Context (optional)"
          description="Where it holds, or where it comes from"
          autosize
          minRows={2}
          maxRows={8}
          maxLength={MAX_TEXT}
          error={faultOf("context")}
          value={typed.context ?? ""}
          onChange={(event) => change({ context: event.currentTarget.value })}
        />
        <NumberInput
          label="Confidence"
          description="0 to 100. Surer entries come first; one with 0 is kept and given to no agent"
          required
          min={0}
          max={100}
          clampBehavior="strict"
          w={240}
          error={faultOf("confidence")}
          value={typed.confidence}
          onChange={(value) => {
            // While it is empty the last one stands: as 0 it would be given to nobody, unsaid.
            if (typeof value === "number") change({ confidence: value });
          }}
        />
        {error && !known && <ErrorState error={error} title="Nothing was saved. What you wrote is kept" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {entry ? "Save entry" : "Write it down"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function asFields({ agentRole, category, content, context, confidence }: Entry): EntryFields {
  return { agentRole, category, content, context, confidence };
}

import { Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { isUnfinished } from "../../lib/unfinished.ts";
import { ErrorState, JsonView, LinesSkeleton, notifyDone, Section, UnsavedGuard, useCommands } from "../../ui/index.ts";
import { JsonTree } from "./json-tree.tsx";
import { MappingFields } from "./mapping-fields.tsx";
import { MappingResult } from "./mapping-result.tsx";
import { type MappingRow, mappingOf, rowFaults, rowsOf } from "./mapping-rows.ts";
import { parsedPayload } from "./parsed-payload.ts";
import { PayloadSource, type Source } from "./payload-source.tsx";
import { payloadQuery, useCalls, useChangeWebhook, type Webhook } from "./queries.ts";
import { SendTest } from "./send-test.tsx";
import { useTried } from "./use-tried.ts";
import { expressionOf, fieldNameOf, type ValuePath } from "./value-path.ts";

interface MappingTabProps {
  webhook: Webhook;
  mayEdit: boolean;
  /** The call whose payload is mapped; the newest one that has any when there is none. */
  callId: string | undefined;
  onCall: (callId: string | undefined) => void;
}

/** What payloads become: with a payload at one side and the fields of the input at the other. */
export function MappingTab(props: MappingTabProps) {
  return props.mayEdit ? <Editor {...props} /> : <ReadOnly webhook={props.webhook} />;
}

function Editor({ webhook, callId, onCall }: MappingTabProps) {
  const calls = useCalls(webhook.id);
  const save = useChangeWebhook(webhook.id);
  const [rows, setRows] = useState<MappingRow[]>(() => rowsOf(webhook.payloadTransformer));
  const [pasted, setPasted] = useState<string | null>(null);
  const items = calls.data?.items ?? [];
  const chosen = callId ?? items.find(({ replayable }) => replayable)?.id ?? null;
  const source: Source = pasted === null ? { kind: "call", callId: chosen } : { kind: "pasted", text: pasted };
  const called = useQuery({
    ...payloadQuery(webhook.id, chosen ?? ""),
    enabled: source.kind === "call" && chosen !== null,
  });
  const parsed = useMemo(() => (pasted === null ? null : parsedPayload(pasted)), [pasted]);
  const payload = parsed
    ? parsed.ok
      ? { value: parsed.value }
      : null
    : called.data
      ? { value: called.data.payload }
      : null;

  const mapping = mappingOf(rows);
  const own = rowFaults(rows);
  const unfinished = rows.some(({ expression }) => isUnfinished(expression));
  const [settled] = useDebouncedValue(JSON.stringify(mapping), TYPING_MS);
  const tried = useTried({
    webhookId: webhook.id,
    source:
      source.kind === "pasted"
        ? parsed?.ok
          ? { payload: parsed.value }
          : null
        : chosen === null
          ? null
          : { callId: chosen },
    mapping,
    settled: settled === JSON.stringify(mapping) && own.size === 0 && !unfinished,
  });
  const faults = new Map([...tried.faultsOf(rows), ...own]);
  const changed = JSON.stringify(mapping) !== JSON.stringify(webhook.payloadTransformer);

  const pick = (path: ValuePath) => {
    const expression = expressionOf(path);
    const open = rows.find((row) => row.expression.trim() === "");
    const field = fieldNameOf(
      path,
      rows.map((row) => row.field.trim()),
    );
    setRows(
      open
        ? rows.map((row) =>
            row === open ? { ...row, expression, field: row.field.trim() === "" ? field : row.field } : row,
          )
        : [...rows, { key: crypto.randomUUID(), field, required: false, expression }],
    );
  };
  const store = () =>
    save.mutate(
      { payloadTransformer: mapping },
      { onSuccess: () => notifyDone("Saved the mapping. The next call is mapped by it.") },
    );
  useCommands([{ id: "save-mapping", label: "Save mapping", group: "This page", run: store }]);

  return (
    <div className="sw-mapping">
      <Section title="Payload" sentence="Click a value to map it to a field of the input.">
        <PayloadSource
          source={source}
          calls={items}
          fault={parsed && !parsed.ok ? parsed.fault : undefined}
          onChange={(next) => {
            setPasted(next.kind === "pasted" ? next.text : null);
            if (next.kind === "call") onCall(next.callId ?? undefined);
          }}
        />
        {called.error && source.kind === "call" && (
          <ErrorState
            error={called.error}
            title="The payload could not be loaded"
            retry={() => void called.refetch()}
          />
        )}
        {source.kind === "call" && chosen !== null && called.isPending && <LinesSkeleton />}
        {payload && (
          <JsonTree
            value={payload.value}
            onPick={pick}
            fields={new Map(rows.map((row) => [row.expression.trim(), row.field]))}
          />
        )}
      </Section>
      <div className="sw-mapping-side">
        <Section
          title="Input"
          sentence={
            rows.length === 0 ? "Without fields the payload itself is the input." : "Each field by a path or JMESPath."
          }
          action={
            <Button
              size="xs"
              variant="default"
              onClick={() =>
                setRows([...rows, { key: crypto.randomUUID(), field: "", required: false, expression: "" }])
              }
            >
              Add field
            </Button>
          }
        >
          <MappingFields rows={rows} faults={faults} onChange={setRows} />
          <MappingResult tried={tried} hasPayload={payload !== null} faulty={own.size > 0 || unfinished} />
          {save.error && <ErrorState error={save.error} title="The mapping was not saved. What you entered is kept" />}
          <Group justify="flex-end" gap="sm">
            <SendTest webhookId={webhook.id} tried={tried.asked} />
            <Button onClick={store} loading={save.isPending} disabled={!changed || own.size > 0}>
              Save mapping
            </Button>
          </Group>
        </Section>
      </div>
      <UnsavedGuard unsaved={changed && !save.isPending} what="The mapping" />
    </div>
  );
}

const TYPING_MS = 250;

function ReadOnly({ webhook }: { webhook: Webhook }) {
  return webhook.payloadTransformer === null ? (
    <p className="sw-muted">The payload itself is the input.</p>
  ) : (
    <JsonView value={webhook.payloadTransformer} what="mapping" />
  );
}

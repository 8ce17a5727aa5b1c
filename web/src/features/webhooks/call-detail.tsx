import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { formatExactTime } from "../../lib/duration.ts";
import { CodeText, JsonView, Loaded, notifyDone, notifyFailed, Section } from "../../ui/index.ts";
import { type Call, payloadQuery, useReplay } from "./queries.ts";

interface CallDetailProps {
  webhookId: string;
  call: Call;
  mayEdit: boolean;
  onMap: () => void;
}

/** One call: why it was refused, what it brought, and what can be done with that. */
export function CallDetail({ webhookId, call, mayEdit, onMap }: CallDetailProps) {
  const navigate = useNavigate();
  const replay = useReplay(webhookId);
  const [key, setKey] = useState(() => crypto.randomUUID());
  const again = () =>
    replay.mutate(
      { callId: call.id, key },
      {
        onSuccess: ({ executionId }) => {
          notifyDone("Replayed with the mapping as it is now.");
          void navigate({ to: "/executions/$executionId", params: { executionId } });
        },
        onError: (error) => {
          setKey(crypto.randomUUID());
          notifyFailed(error, "The call was not replayed.");
        },
      },
    );
  return (
    <Section
      title={`Call of ${formatExactTime(Date.parse(call.at))}`}
      sentence={call.detail ?? undefined}
      action={
        mayEdit &&
        call.replayable && (
          <Group gap="sm">
            <Button variant="default" onClick={onMap}>
              Map this payload
            </Button>
            <Button onClick={again} loading={replay.isPending}>
              Replay
            </Button>
          </Group>
        )
      }
    >
      {call.payloadPreview === null ? (
        <p className="sw-muted">
          Its payload was not kept: it did not get past address, signature and JSON, or was too large. It cannot be
          replayed.
        </p>
      ) : mayEdit ? (
        <Payload key={call.id} webhookId={webhookId} callId={call.id} />
      ) : (
        <CodeText text={call.payloadPreview} what="payload" />
      )}
    </Section>
  );
}

function Payload({ webhookId, callId }: { webhookId: string; callId: string }) {
  const payload = useQuery(payloadQuery(webhookId, callId));
  return (
    <Loaded query={payload} title="The payload could not be loaded">
      {(call) => <JsonView value={call.payload} what="payload" />}
    </Loaded>
  );
}

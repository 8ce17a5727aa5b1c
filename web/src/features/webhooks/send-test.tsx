import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { notifyDone, notifyFailed } from "../../ui/index.ts";
import { type Tried, useSendTest } from "./queries.ts";

/** Executes with the payload and the mapping as they are on screen, and opens the execution. */
export function SendTest({ webhookId, tried }: { webhookId: string; tried: Tried | null }) {
  const navigate = useNavigate();
  const send = useSendTest(webhookId);
  const [sent, setSent] = useState({ body: "", key: "" });
  const test = () => {
    if (tried === null) return;
    // The same key for the same body, so that a second press starts nothing; another body needs another.
    const body = JSON.stringify(tried);
    const key = sent.body === body ? sent.key : crypto.randomUUID();
    setSent({ body, key });
    send.mutate(
      { ...tried, key },
      {
        onSuccess: ({ executionId }) => {
          if (executionId === undefined) return;
          notifyDone("Executing with this payload.");
          void navigate({ to: "/executions/$executionId", params: { executionId } });
        },
        onError: (error) => {
          setSent({ body: "", key: "" });
          notifyFailed(error, "Nothing was executed. Your mapping is kept.");
        },
      },
    );
  };
  return (
    <Button variant="default" onClick={test} loading={send.isPending} disabled={tried === null}>
      Send a test
    </Button>
  );
}

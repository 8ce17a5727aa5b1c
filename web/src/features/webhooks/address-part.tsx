import { Button } from "@mantine/core";
import { useState } from "react";
import { RelativeTime, SecretField } from "../../ui/index.ts";
import type { Webhook } from "./queries.ts";
import { RegenerateSecret } from "./regenerate-secret.tsx";

/** Where a webhook is called, and the secret in it: hidden until asked for, and from viewers altogether. */
export function AddressPart({ webhook, mayEdit }: { webhook: Webhook; mayEdit: boolean }) {
  const { webhookUrl, secretKey, rotatesAt, previousSecretValidUntil } = webhook;
  const [regenerating, setRegenerating] = useState(false);
  if (!mayEdit) {
    return (
      <p className="sw-muted">
        URL and secret are hidden from viewers: whoever knows them can call. An editor of this workspace can copy them.
      </p>
    );
  }
  const unreadable = webhookUrl === null || secretKey === null;
  return (
    <>
      {unreadable ? (
        <p className="sw-form-fault" role="alert">
          The secret was encrypted with another ENCRYPTION_KEY and cannot be read any more. Regenerate it, and give
          senders the new URL.
        </p>
      ) : (
        <dl className="sw-address">
          <div>
            <dt>URL</dt>
            <dd>
              <SecretField value={webhookUrl} what="URL" masked={webhookUrl.replace(secretKey, "•".repeat(12))} />
            </dd>
          </div>
          <div>
            <dt>Secret</dt>
            <dd>
              <SecretField value={secretKey} what="secret" />
            </dd>
          </div>
        </dl>
      )}
      <div className="sw-address-foot">
        <Button size="xs" variant="default" onClick={() => setRegenerating(true)}>
          Regenerate secret
        </Button>
        {previousSecretValidUntil !== null && Date.parse(previousSecretValidUntil) > Date.now() && (
          <span className="sw-muted">
            The secret before is valid until <RelativeTime at={previousSecretValidUntil} />.
          </span>
        )}
        {rotatesAt !== null && (
          <span className="sw-muted">
            A new one comes <RelativeTime at={rotatesAt} />.
          </span>
        )}
      </div>
      <RegenerateSecret webhookId={webhook.id} opened={regenerating} onClose={() => setRegenerating(false)} />
    </>
  );
}

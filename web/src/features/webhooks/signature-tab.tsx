import { Button, Group, NativeSelect, PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { ErrorState, notifyDone, Section, UnsavedGuard } from "../../ui/index.ts";
import { useChangeWebhook, type Webhook } from "./queries.ts";
import { SCHEMES, schemeName } from "./schemes.ts";
import { SignedExample } from "./signed-example.tsx";
import type { Signature } from "./signing-example.ts";

/** How calls prove whose they are, with a command that makes such a call. */
export function SignatureTab({ webhook, mayEdit }: { webhook: Webhook; mayEdit: boolean }) {
  if (mayEdit) return <Editor webhook={webhook} />;
  return (
    <p>
      {schemeName(webhook.signature.scheme)}.{" "}
      {SCHEMES.find(({ value }) => value === webhook.signature.scheme)?.sentence}
    </p>
  );
}

function Editor({ webhook }: { webhook: Webhook }) {
  const change = useChangeWebhook(webhook.id);
  const [signature, setSignature] = useState(webhook.signature);
  const body = bodyOf(signature);
  const changed = JSON.stringify(body) !== JSON.stringify(bodyOf(webhook.signature));
  const refusal = change.error instanceof ApiError ? change.error : null;
  const faultOf = (field: string) => refusal?.detailOf(`signature.${field}`);
  const atField = ["secret", "header", "prefix", "encoding"].some((field) => faultOf(field) !== undefined);
  const edit = (changes: Partial<Signature>) => {
    setSignature({ ...signature, ...changes });
    change.reset();
  };
  return (
    <div className="sw-signature">
      <Section title="Signature" sentence="A signed call is from the sender and was not changed on its way.">
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate(
              { signature: body },
              { onSuccess: () => notifyDone("Saved. Calls are checked by it at once.") },
            );
          }}
        >
          <Stack gap="md">
            <Select
              label="Scheme"
              description={SCHEMES.find(({ value }) => value === signature.scheme)?.sentence}
              data={SCHEMES.map(({ value, label }) => ({ value, label }))}
              allowDeselect={false}
              value={signature.scheme}
              onChange={(scheme) => edit({ scheme: SCHEMES.find(({ value }) => value === scheme)?.value ?? "none" })}
            />
            {signature.scheme === "hmac" && (
              <Group gap="sm" grow align="start">
                <TextInput
                  label="Header"
                  placeholder="X-Signature"
                  value={signature.header ?? ""}
                  error={faultOf("header")}
                  onChange={(event) => edit({ header: event.currentTarget.value })}
                />
                <NativeSelect
                  label="Encoding"
                  data={["hex", "base64"]}
                  value={signature.encoding ?? "hex"}
                  onChange={(event) => edit({ encoding: event.currentTarget.value === "base64" ? "base64" : "hex" })}
                />
                <TextInput
                  label="Prefix (optional)"
                  placeholder="sha256="
                  value={signature.prefix ?? ""}
                  error={faultOf("prefix")}
                  onChange={(event) => edit({ prefix: event.currentTarget.value })}
                />
              </Group>
            )}
            {signature.scheme !== "none" && (
              <PasswordInput
                label="The sender's secret (optional)"
                description="Where the sender dictates one. Left empty, the webhook's own secret signs."
                autoComplete="off"
                visibilityToggleButtonProps={{ "aria-label": "Show or hide the sender's secret" }}
                value={signature.secret ?? ""}
                error={faultOf("secret")}
                onChange={(event) => edit({ secret: event.currentTarget.value })}
              />
            )}
            {change.error && !atField && (
              <ErrorState error={change.error} title="The signature was not saved. What you entered is kept" />
            )}
            <Group justify="flex-end">
              <Button type="submit" disabled={!changed} loading={change.isPending}>
                Save signature
              </Button>
            </Group>
          </Stack>
        </form>
      </Section>
      <SignedExample webhook={webhook} unsaved={changed} />
      <UnsavedGuard unsaved={changed && !change.isPending} what="The signature" />
    </div>
  );
}

/** A signature as it is saved: of each scheme the fields that it has. */
function bodyOf({ scheme, secret, header, encoding, prefix }: Signature) {
  const own = secret ? { secret } : {};
  if (scheme === "none") return { scheme };
  if (scheme !== "hmac") return { scheme, ...own };
  return { scheme, header: header?.trim() ?? "", encoding: encoding ?? "hex", prefix: prefix ?? "", ...own };
}

import { CodeText, SecretField, Section } from "../../ui/index.ts";
import type { Webhook } from "./queries.ts";
import { exampleOf, signingSecretOf, stepsOf } from "./signing-example.ts";

const DOTS = "•".repeat(12);

/** What to do at the sender, and a command that sends a call as the sender would. */
export function SignedExample({ webhook, unsaved }: { webhook: Webhook; unsaved: boolean }) {
  const { webhookUrl, secretKey, signature } = webhook;
  const secret = signingSecretOf(webhook);
  if (webhookUrl === null || secretKey === null || secret === null) {
    return <p className="sw-muted">An example appears here once the webhook has a secret that can be read.</p>;
  }
  const shown = exampleOf({ url: webhookUrl.replace(secretKey, DOTS), secret: DOTS, signature });
  return (
    <Section
      title="At the sender"
      sentence={unsaved ? "For the signature as it was saved: save yours to see its own." : undefined}
    >
      <ol className="sw-steps">
        {stepsOf(signature).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {signature.scheme !== "none" && (
        <dl className="sw-address">
          <div>
            <dt>Signing secret</dt>
            <dd>
              <SecretField value={secret} what="signing secret" />
            </dd>
          </div>
        </dl>
      )}
      <div>
        <p className="sw-fact-name">
          {signature.scheme === "none" ? "A call" : "A signed call"} from a shell. URL and secret are filled in when it
          is copied.
        </p>
        <CodeText text={shown} copies={exampleOf({ url: webhookUrl, secret, signature })} what="command" />
      </div>
    </Section>
  );
}

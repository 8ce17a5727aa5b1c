import { Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { sessionHint } from "../../api/session-hint.ts";
import { ButtonLink } from "../../ui/index.ts";
import { AccountForm } from "./account-form.tsx";
import { AuthCard } from "./auth-card.tsx";

const route = getRouteApi("/reset/$token");

/** Where a password-reset link leads. */
export function PasswordResetPage() {
  const { token } = route.useParams();
  const [email, setEmail] = useState<string | null>(null);
  if (email !== null) {
    return (
      <AuthCard title="Your password is set" sentence="Everybody who was signed in as you is signed out.">
        <Text>
          Sign in as <b>{email}</b> with the new password.
        </Text>
        <ButtonLink to="/sign-in">Sign in</ButtonLink>
      </AuthCard>
    );
  }
  return (
    <AuthCard title="Set a new password" sentence="The link works once, within a day of being made.">
      <AccountForm
        fields={["password"]}
        verb="Set password"
        newPassword
        onSubmit={async ({ password }) => {
          const reset = await answer(client.api["password-reset"].$post({ json: { token, password } }));
          sessionHint.clear();
          setEmail(reset.email);
        }}
      />
    </AuthCard>
  );
}

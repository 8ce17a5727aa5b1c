import { Button, Checkbox, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ErrorState, notifyDone } from "../../ui/index.ts";
import { useChangePassword } from "./account.ts";

const NOTHING = { currentPassword: "", newPassword: "" };

/** Sets a new password, for who knows the old one. */
export function ChangePassword({ email }: { email: string }) {
  const change = useChangePassword();
  const [typed, setTyped] = useState(NOTHING);
  const [endOthers, setEndOthers] = useState(true);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { ...typed, endOthers },
      {
        onSuccess: () => {
          setTyped(NOTHING);
          notifyDone(
            endOthers ? "Your password is changed, and you are signed out elsewhere." : "Your password is changed.",
          );
        },
      },
    );
  };
  return (
    <form className="sw-settings-form" onSubmit={submit}>
      {/* Password managers look for whose password it is. */}
      <input type="text" autoComplete="username" hidden readOnly value={email} />
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        required
        value={typed.currentPassword}
        onChange={(event) => setTyped({ ...typed, currentPassword: event.currentTarget.value })}
      />
      <PasswordInput
        label="New password"
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={128}
        value={typed.newPassword}
        onChange={(event) => setTyped({ ...typed, newPassword: event.currentTarget.value })}
      />
      <Checkbox
        label="Sign out everywhere else"
        checked={endOthers}
        onChange={(event) => setEndOthers(event.currentTarget.checked)}
      />
      {change.error && <ErrorState error={change.error} title="Your password was not changed" />}
      <div className="sw-settings-buttons">
        <Button type="submit" loading={change.isPending}>
          Change password
        </Button>
      </div>
    </form>
  );
}

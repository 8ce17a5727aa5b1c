import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { errorWords } from "../../ui/error-text.ts";

/** What people are asked for. */
export interface AccountFields {
  name: string;
  email: string;
  password: string;
}

interface AccountFormProps {
  /** The fields that are asked for, in this order. */
  fields: readonly (keyof AccountFields)[];
  /** On the button: "Sign in". */
  verb: string;
  /** Whether the password is chosen here, or known. */
  newPassword?: boolean;
  onSubmit: (fields: AccountFields) => Promise<unknown>;
}

const NEW_PASSWORD_RULE = "At least 8 characters";

/** A form for a name, an email and a password. Says under the button why it was refused, and keeps what was typed. */
export function AccountForm({ fields, verb, newPassword = false, onSubmit }: AccountFormProps) {
  const [typed, setTyped] = useState<AccountFields>({ name: "", email: "", password: "" });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (changed: Partial<AccountFields>) => setTyped({ ...typed, ...changed });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSubmit(typed);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="sw-auth-form" onSubmit={(event) => void submit(event)}>
      {fields.includes("name") && (
        <TextInput
          label="Your name"
          autoComplete="name"
          required
          autoFocus={fields[0] === "name"}
          maxLength={100}
          value={typed.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
      )}
      {fields.includes("email") && (
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          autoFocus={fields[0] === "email"}
          value={typed.email}
          onChange={(event) => change({ email: event.currentTarget.value })}
        />
      )}
      {!fields.includes("email") && (
        // Password managers look for whose password it is; here the link knows, and the page does not.
        <input type="text" autoComplete="username" hidden readOnly value="" />
      )}
      <PasswordInput
        label={newPassword ? "New password" : "Password"}
        autoComplete={newPassword ? "new-password" : "current-password"}
        required
        autoFocus={fields[0] === "password"}
        {...(newPassword ? { minLength: 8, maxLength: 128, description: NEW_PASSWORD_RULE } : {})}
        value={typed.password}
        onChange={(event) => change({ password: event.currentTarget.value })}
      />
      {error !== null && (
        <p role="alert" style={{ color: "var(--sw-failed)", whiteSpace: "pre-line" }}>
          {errorWords(error).message}
        </p>
      )}
      <Button type="submit" loading={busy} fullWidth>
        {verb}
      </Button>
    </form>
  );
}

import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ErrorState, UnsavedGuard } from "../../ui/index.ts";

interface NameFormProps {
  label: string;
  /** As it is saved. */
  name: string;
  saving: boolean;
  error: Error | null;
  onSave: (name: string) => void;
  /** What stands under the field. */
  children?: ReactNode;
}

/** A name to change: the button is there once it differs. */
export function NameForm({ label, name, saving, error, onSave, children }: NameFormProps) {
  const [typed, setTyped] = useState(name);
  const changed = typed.trim() !== name;
  return (
    <form
      className="sw-settings-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) onSave(typed.trim());
      }}
    >
      <TextInput
        label={label}
        required
        maxLength={100}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {children}
      {error && <ErrorState error={error} title="Nothing was saved. What you wrote is kept" />}
      <div className="sw-settings-buttons">
        <Button type="submit" disabled={!changed || typed.trim() === ""} loading={saving}>
          Save name
        </Button>
      </div>
      <UnsavedGuard unsaved={changed && !saving} what={label} />
    </form>
  );
}

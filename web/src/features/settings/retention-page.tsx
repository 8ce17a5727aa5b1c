import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { useCan } from "../../api/me.ts";
import { ErrorState, Loaded, notifyDone, Section, UnsavedGuard } from "../../ui/index.ts";
import { type Settings, settingsQuery, useChangeSettings } from "./queries.ts";
import { RetentionNumber } from "./retention-number.tsx";
import { RETENTION_FIELDS } from "./retention-words.ts";

/** How long the workspace keeps what. */
export function RetentionPage() {
  const settings = useQuery(settingsQuery);
  const mayChange = useCan("settings.manage");
  return (
    <Section
      title="Retention"
      sentence={
        mayChange
          ? "How long this workspace keeps its history. What is older is removed by itself, a part each minute."
          : "How long this workspace keeps its history. An owner can change it."
      }
    >
      <Loaded query={settings} title="The settings could not be loaded">
        {(saved) => <Fields saved={saved} mayChange={mayChange} />}
      </Loaded>
    </Section>
  );
}

function Fields({ saved, mayChange }: { saved: Settings; mayChange: boolean }) {
  const change = useChangeSettings();
  const [typed, setTyped] = useState<Partial<Settings>>({});
  const shown = { ...saved, ...typed };
  const changed = RETENTION_FIELDS.some(({ name }) => shown[name] !== saved[name]);
  const { error } = change;
  const faultOf = (name: string) => (error instanceof ApiError ? error.detailOf(name) : undefined);
  const submit = () =>
    change.mutate(typed, {
      onSuccess: () => {
        setTyped({});
        notifyDone("Saved what is kept.");
      },
    });
  return (
    <form
      className="sw-settings-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {RETENTION_FIELDS.map((field) => (
        <RetentionNumber
          key={field.name}
          {...field}
          value={shown[field.name]}
          error={faultOf(field.name)}
          readOnly={!mayChange}
          onChange={(value) => setTyped({ ...typed, [field.name]: value })}
        />
      ))}
      {error && !(error instanceof ApiError && error.status === 422) && (
        <ErrorState error={error} title="Nothing was saved. What you wrote is kept" />
      )}
      {mayChange && (
        <div className="sw-settings-buttons">
          <Button type="submit" disabled={!changed} loading={change.isPending}>
            Save retention
          </Button>
          {changed && (
            <Button variant="default" onClick={() => setTyped({})}>
              Discard changes
            </Button>
          )}
        </div>
      )}
      <UnsavedGuard unsaved={changed && !change.isPending} what="The retention" />
    </form>
  );
}

import { useCan, useMe } from "../../api/me.ts";
import { notifyDone, Section, ShortId } from "../../ui/index.ts";
import { useRenameWorkspace } from "./account.ts";
import { NameForm } from "./name-form.tsx";
import { roleWord } from "./roles.ts";

/** What the workspace is called, and what one is in it. */
export function WorkspacePage() {
  const { workspace } = useMe();
  const mayRename = useCan("settings.manage");
  const rename = useRenameWorkspace();
  return (
    <Section
      title={mayRename ? "Workspace" : workspace.name}
      sentence={
        <>
          You are {roleWord(workspace.role).toLowerCase()} here. Its id is <ShortId id={workspace.id} />
        </>
      }
    >
      {mayRename && (
        <NameForm
          key={workspace.id}
          label="Name of the workspace"
          name={workspace.name}
          saving={rename.isPending}
          error={rename.error}
          onSave={(name) =>
            rename.mutate({ id: workspace.id, name }, { onSuccess: () => notifyDone(`Renamed to ${name}.`) })
          }
        />
      )}
    </Section>
  );
}

import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { EmptyState } from "../../ui/index.ts";
import { FileDrop } from "./file-drop.tsx";
import { ImportOutcome } from "./import-outcome.tsx";
import { ImportPlan } from "./import-plan.tsx";
import { ImportRun } from "./import-run.tsx";
import type { Imported } from "./queries.ts";

const route = getRouteApi("/inside/files/");

/** Brings workflows in: choose a file, look at what would become of it, import. */
export function ImportPage() {
  const mayImport = useCan("transfer.run");
  const { import: importId } = route.useSearch();
  const navigate = route.useNavigate();
  const [file, setFile] = useState<File | null>(null);
  const [imported, setImported] = useState<Imported | null>(null);
  const another = () => {
    setFile(null);
    setImported(null);
    void navigate({ search: {} });
  };

  if (importId !== undefined) return <ImportRun importId={importId} onAnother={another} />;
  if (!mayImport) {
    return (
      <EmptyState title="Importing takes an editor">
        Files with workflows are brought in here. An editor or owner of this workspace can do that for you.
      </EmptyState>
    );
  }
  if (imported) return <ImportOutcome {...imported} onAnother={another} />;
  if (!file) return <FileDrop onFile={setFile} />;
  return (
    <ImportPlan
      file={file}
      onAnother={another}
      onImported={setImported}
      onQueued={(id) => void navigate({ search: { import: id } })}
    />
  );
}

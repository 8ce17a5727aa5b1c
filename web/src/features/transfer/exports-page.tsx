import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { formatBytes } from "../../lib/bytes.ts";
import {
  type Column,
  DataTable,
  EmptyState,
  Missing,
  RelativeTime,
  Section,
  StateBadge,
  useCommands,
} from "../../ui/index.ts";
import { BulkExport } from "./bulk-export.tsx";
import { ExportFailure } from "./export-failure.tsx";
import { ExportProgress, ExportState } from "./export-status.tsx";
import { type Export, useExports } from "./queries.ts";

/** The workspace's bulk exports as they go. */
export function ExportsPage() {
  const list = useExports();
  const mayExport = useCan("transfer.run");
  const [exporting, setExporting] = useState(false);
  const [failed, setFailed] = useState<Export | null>(null);
  useCommands(
    mayExport
      ? [{ id: "export", label: "Export workflows", group: "This page", keys: "c", run: () => setExporting(true) }]
      : [],
  );

  const columns: Column<Export>[] = [
    { id: "created", header: "Started", width: "128px", cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
    { id: "status", header: "Status", width: "128px", cell: ({ status }) => <ExportState status={status} /> },
    { id: "progress", header: "Workflows", width: "208px", cell: (row) => <ExportProgress {...row} /> },
    {
      id: "size",
      header: "Size",
      align: "right",
      width: "96px",
      cell: ({ sizeBytes }) =>
        sizeBytes === null ? <Missing /> : <span className="sw-number">{formatBytes(sizeBytes)}</span>,
    },
    {
      id: "secrets",
      header: "Secrets found",
      align: "right",
      width: "120px",
      low: true,
      cell: ({ secretFindings }) =>
        secretFindings === 0 ? 0 : <StateBadge meaning="waiting">{secretFindings}</StateBadge>,
    },
    { id: "expires", header: "Kept until", align: "right", low: true, cell: (row) => <Kept {...row} /> },
    {
      id: "file",
      header: "",
      label: "File",
      align: "right",
      width: "144px",
      cell: (row) => <FileCell row={row} onWhy={() => setFailed(row)} />,
    },
  ];

  const start = mayExport && <Button onClick={() => setExporting(true)}>Export workflows</Button>;
  return (
    <Section title="Exports" sentence="Many workflows in one archive, kept for seven days." action={start}>
      <DataTable
        label="Exports"
        columns={columns}
        list={list}
        rowKey={({ id }) => id}
        errorTitle="The exports could not be loaded"
        empty={
          <EmptyState title="No exports yet" action={start}>
            {mayExport
              ? "An export is one archive of many workflows, to keep or to import elsewhere. A single workflow is exported from its own menu."
              : "An export is one archive of many workflows, to keep or to import elsewhere. An editor of this workspace can start one."}
          </EmptyState>
        }
      />
      <BulkExport opened={exporting} onClose={() => setExporting(false)} />
      <ExportFailure failed={failed} onClose={() => setFailed(null)} />
    </Section>
  );
}

function Kept({ status, expiresAt }: Pick<Export, "status" | "expiresAt">) {
  if (status === "ready" || status === "expired") return <RelativeTime at={expiresAt} />;
  return <Missing />;
}

function FileCell({ row, onWhy }: { row: Export; onWhy: () => void }) {
  if (row.status === "failed") {
    return (
      <Button size="xs" variant="default" onClick={onWhy}>
        Why it failed
      </Button>
    );
  }
  if (row.downloadUrl === null) return null;
  return (
    <Button
      component="a"
      href={row.downloadUrl}
      download
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
    >
      Download
    </Button>
  );
}

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Conflict, hasEnded, type Imported, importQuery, sendFile } from "./queries.ts";

/** What would become of a file. */
export type Plan =
  /** How much of a large file was looked at; null while it is sent, and while its workflows are counted. */
  | { status: "asking"; done: number; total: number | null }
  /** `old` while another choice is looked at: it is shown until then, and cannot be imported. */
  | { status: "ready"; plan: Pick<Imported, "results" | "summary">; old: boolean }
  | { status: "faulty"; faults: readonly { path: string; message: string }[] }
  | { status: "refused"; error: Error; retry: () => void };

/** Asks what would become of a file, again with each choice. */
export function usePlan(file: File, conflict: Conflict): Plan {
  // Two files may have the same name, size and date.
  const [token] = useState(() => crypto.randomUUID());
  const sent = useQuery({
    queryKey: ["imports", "plan", token, conflict],
    queryFn: () => sendFile({ file, conflict, dryRun: true }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const importId = sent.data && "importId" in sent.data ? sent.data.importId : null;
  const queued = useQuery({ ...importQuery(importId ?? ""), enabled: importId !== null });
  const asking = { status: "asking" as const, done: queued.data?.done ?? 0, total: queued.data?.total ?? null };

  if (sent.error) return { status: "refused", error: sent.error, retry: () => void sent.refetch() };
  if (!sent.data) return asking;
  if (!("importId" in sent.data)) return { status: "ready", plan: sent.data, old: sent.isPlaceholderData };
  if (queued.error) return { status: "refused", error: queued.error, retry: () => void queued.refetch() };
  if (!queued.data || !hasEnded(queued.data)) return asking;
  if (queued.data.status === "failed") return { status: "faulty", faults: queued.data.errors };
  return { status: "ready", plan: queued.data, old: sent.isPlaceholderData };
}

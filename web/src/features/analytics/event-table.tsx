import type { ReactNode } from "react";
import type { Listing } from "../../api/pages.ts";
import { type Column, DataTable, RelativeTime, StateBadge } from "../../ui/index.ts";
import { EventLink } from "./event-link.tsx";
import { EventMessage } from "./event-message.tsx";
import { eventName, LEVEL_MEANINGS } from "./event-words.ts";
import type { WorkspaceEvent } from "./queries.ts";
import "./events.css";

const COLUMNS: readonly Column<WorkspaceEvent>[] = [
  {
    id: "type",
    header: "Event",
    width: "168px",
    cell: ({ type, level }) => <StateBadge meaning={LEVEL_MEANINGS[level]}>{eventName(type)}</StateBadge>,
  },
  { id: "message", header: "What happened", cell: (event) => <EventMessage event={event} /> },
  { id: "thing", header: "Leads to", width: "96px", cell: (event) => <EventLink event={event} /> },
  { id: "at", header: "When", align: "right", width: "112px", cell: ({ at }) => <RelativeTime at={at} /> },
];

interface EventTableProps {
  /** What it lists, for screen readers. */
  label: string;
  list: Listing<WorkspaceEvent>;
  /** An `EmptyState`, for when there is nothing. */
  empty: ReactNode;
}

/** A list of events, each with a link to what it is about. */
export function EventTable({ label, list, empty }: EventTableProps) {
  return (
    <DataTable
      label={label}
      columns={COLUMNS}
      list={list}
      rowKey={({ id }) => id}
      errorTitle="The events could not be loaded"
      empty={empty}
    />
  );
}

import { Button, Skeleton } from "@mantine/core";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef, useState } from "react";
import type { Listing } from "../api/pages.ts";
import { ErrorState } from "./states.tsx";
import "./data-table.css";

const SKELETON_ROWS = [0, 1, 2, 3, 4, 5];

export interface Column<Row> {
  /** Unique in the table. */
  id: string;
  /** "" for a column of actions; it is then named for screen readers by `label`. */
  header: string;
  label?: string;
  /** The first column's cell holds the link that clicking the row follows. */
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the right. */
  align?: "right";
  /** CSS width, such as "120px": keeps the columns in place while rows come and go. */
  width?: string;
  /** Left out on a narrow screen. */
  low?: boolean;
}

interface DataTableProps<Row> {
  /** What it lists, for screen readers: "Workflows". */
  label: string;
  columns: readonly Column<Row>[];
  list: Listing<Row>;
  rowKey: (row: Row) => string;
  /** Whether a row stands back behind the others. */
  quiet?: (row: Row) => boolean;
  /** Clicking a row, and Enter on it. */
  onOpen?: (row: Row) => void;
  /** An `EmptyState`, for when there is nothing. */
  empty: ReactNode;
  errorTitle?: string;
}

/**
 * A list: skeleton, error with a way to try again, rows, and a button for the next page. One row can be reached with Tab,
 * the others with the arrow keys, Home and End; Enter opens it.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, list, rowKey, quiet, onOpen, empty, errorTitle } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [current, setCurrent] = useState<string | null>(null);

  if (list.rows === undefined && list.error) {
    return (
      <ErrorState error={list.error} retry={list.retry} {...(errorTitle === undefined ? {} : { title: errorTitle })} />
    );
  }
  if (list.rows?.length === 0) return empty;

  const rows = list.rows ?? [];
  const reachable = rows.some((row) => rowKey(row) === current) ? current : rows[0] && rowKey(rows[0]);

  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>, row: Row) => {
    // A key inside a cell, in a menu's button for one, is that control's own.
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && onOpen) {
      event.preventDefault();
      onOpen(row);
      return;
    }
    const place = rows.indexOf(row);
    const target = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 }[event.key];
    const next = target === undefined ? null : body.current?.rows.item(target);
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <div>
      <table className="sw-table sw-list" aria-label={label} aria-busy={list.rows === undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                data-align={column.align}
                data-low={column.low}
                style={{ width: column.width }}
                aria-label={column.header === "" ? (column.label ?? "Actions") : undefined}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row) => {
            const key = rowKey(row);
            return (
              <tr
                key={key}
                tabIndex={onOpen ? (key === reachable ? 0 : -1) : undefined}
                data-opens={onOpen !== undefined}
                data-quiet={quiet?.(row)}
                onFocus={() => setCurrent(key)}
                onClick={(event) => {
                  if (onOpen && !isForItself(event)) onOpen(row);
                }}
                onKeyDown={(event) => onKeyDown(event, row)}
              >
                {columns.map((column) => (
                  <td key={column.id} data-align={column.align} data-low={column.low} data-label={column.header}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {list.rows === undefined && SKELETON_ROWS.map((row) => <SkeletonRow key={row} columns={columns} />)}
        </tbody>
      </table>
      {list.rows !== undefined && list.error && (
        <ErrorState error={list.error} retry={list.retry} title="This list may be old" />
      )}
      {list.more && (
        <div className="sw-table-foot">
          <Button variant="default" size="xs" onClick={list.more} loading={list.loadingMore}>
            Load more
          </Button>
        </div>
      )}
    </div>
  );
}

/** Whether a click was meant for a link or a button in the row, for selecting text, or for a new tab. */
function isForItself(event: MouseEvent<HTMLTableRowElement>): boolean {
  const onControl = event.target instanceof Element && event.target.closest("a, button, input, label") !== null;
  // A menu that a row opened is drawn elsewhere in the document, and its clicks still bubble through React to the row.
  const outside = event.target instanceof Node && !event.currentTarget.contains(event.target);
  return onControl || outside || (getSelection()?.toString() ?? "") !== "";
}

function SkeletonRow<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  return (
    <tr aria-hidden>
      {columns.map((column, place) => (
        <td key={column.id} data-align={column.align} data-low={column.low}>
          <Skeleton height={14} width={place === 0 ? "60%" : "48px"} display="inline-block" />
        </td>
      ))}
    </tr>
  );
}

import { Button } from "@mantine/core";
import { formatExactTime } from "../../lib/duration.ts";
import { type Column, DataTable, EmptyState, Missing, StateBadge } from "../../ui/index.ts";
import { type LogLine, useLogs } from "./queries.ts";

const LEVELS = {
  info: { meaning: "none", word: "Info" },
  warn: { meaning: "waiting", word: "Warning" },
  error: { meaning: "failed", word: "Error" },
} as const;

interface StepLogsProps {
  executionId: string;
  /** The node whose lines are shown; undefined for all. */
  nodeId: string | undefined;
  /** A step's name by its node. */
  nameOf: (nodeId: string) => string;
}

/** What happened, line by line, as it is written. */
export function StepLogs({ executionId, nodeId, nameOf }: StepLogsProps) {
  const list = useLogs(executionId);
  // Nothing in a line tells it from another one of the same moment but its place, which is final: lines are only added.
  const lines = list.rows?.map((line, place) => ({ ...line, place }));
  const rows = lines?.filter((line) => nodeId === undefined || line.nodeId === nodeId);
  const columns: Column<LogLine & { place: number }>[] = [
    { id: "at", header: "Time", width: "120px", cell: ({ at }) => <Moment at={at} /> },
    { id: "level", header: "Level", width: "104px", cell: ({ level }) => <Level level={level} /> },
    {
      id: "step",
      header: "Step",
      width: "160px",
      low: true,
      cell: (line) => (line.nodeId === null ? <Missing /> : <span className="sw-wrap">{nameOf(line.nodeId)}</span>),
    },
    { id: "message", header: "Message", cell: (line) => <Message line={line} /> },
  ];
  return (
    <DataTable
      label="Log"
      columns={columns}
      list={{ ...list, rows }}
      rowKey={({ place }) => String(place)}
      errorTitle="The log could not be loaded"
      empty={
        <EmptyState
          title="No lines yet"
          action={
            list.more && (
              <Button variant="default" onClick={list.more} loading={list.loadingMore}>
                Load more
              </Button>
            )
          }
        >
          What the engine does for this is written here: starts, waits, fallbacks and ends.
        </EmptyState>
      }
    />
  );
}

function Level({ level }: { level: LogLine["level"] }) {
  const { meaning, word } = LEVELS[level];
  return <StateBadge meaning={meaning}>{word}</StateBadge>;
}

function Message({ line: { message, data } }: { line: LogLine }) {
  return (
    <span className="sw-wrap">
      {message}
      {data !== null && Object.keys(data).length > 0 && (
        <>
          {" "}
          <span className="sw-mono sw-muted">{JSON.stringify(data)}</span>
        </>
      )}
    </span>
  );
}

/** A moment to the millisecond: lines of one second are told apart by it. */
function Moment({ at }: { at: string }) {
  const time = new Date(at);
  const clock = time.toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  });
  return (
    <time className="sw-mono" dateTime={at} title={formatExactTime(time.getTime())}>
      {clock}
    </time>
  );
}

import { JsonInput, SegmentedControl, Select, Stack } from "@mantine/core";
import { RelativeTime } from "../../ui/index.ts";
import type { Call } from "./queries.ts";

export type Source = { kind: "call"; callId: string | null } | { kind: "pasted"; text: string };

interface PayloadSourceProps {
  source: Source;
  calls: readonly Call[];
  /** What is wrong with the pasted text. */
  fault: string | undefined;
  onChange: (source: Source) => void;
}

/** Where the payload comes from that is mapped: one of the last calls, or what somebody pastes. */
export function PayloadSource({ source, calls, fault, onChange }: PayloadSourceProps) {
  const usable = calls.filter(({ replayable }) => replayable);
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="Where the payload comes from"
        size="xs"
        style={{ alignSelf: "flex-start" }}
        data={[
          { value: "call", label: "A recent call" },
          { value: "pasted", label: "Pasted" },
        ]}
        value={source.kind}
        onChange={(kind) =>
          onChange(
            kind === "call"
              ? { kind: "call", callId: usable[0]?.id ?? null }
              : { kind: "pasted", text: `{\n  "event": "ping"\n}` },
          )
        }
      />
      {source.kind === "call" ? (
        usable.length === 0 ? (
          <p className="sw-muted">
            No call has brought a payload yet. Paste one, or send one with the command under Signature.
          </p>
        ) : (
          <Select
            aria-label="Call"
            placeholder="Choose a call"
            data={usable.map(({ id, at, payloadPreview }) => ({
              value: id,
              label: `${new Date(at).toLocaleTimeString("en-GB")}  ${(payloadPreview ?? "").slice(0, 40)}`,
            }))}
            renderOption={({ option }) => {
              const call = usable.find(({ id }) => id === option.value);
              return (
                <span className="sw-call-option">
                  <RelativeTime at={call?.at ?? null} />
                  <span className="sw-mono sw-muted">{call?.payloadPreview?.slice(0, 60)}</span>
                </span>
              );
            }}
            allowDeselect={false}
            value={source.callId}
            onChange={(callId) => onChange({ kind: "call", callId })}
          />
        )
      ) : (
        <JsonInput
          label="Payload as JSON"
          classNames={{ input: "sw-mono" }}
          autosize
          minRows={4}
          maxRows={12}
          spellCheck={false}
          error={fault}
          value={source.text}
          onChange={(text) => onChange({ kind: "pasted", text })}
        />
      )}
    </Stack>
  );
}

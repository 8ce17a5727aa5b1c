import { Anchor, Group, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { CodeText, CopyButton, JsonView } from "../../ui/index.ts";
import { MarkdownText } from "./markdown-text.tsx";

/** Laying out Markdown of this many characters would hold the page up: it is shown as it was written. */
const MOST_RENDERED = 200_000;

const VIEWS = [
  { value: "rendered", label: "Rendered" },
  { value: "source", label: "Source" },
];

interface OutputTextProps {
  text: string;
  /** Where the whole text is, when this is the beginning only. */
  whole?: string | undefined;
}

/** What an agent wrote: JSON laid out, anything else as Markdown, and always as it was written too. */
export function OutputText({ text, whole }: OutputTextProps) {
  const [view, setView] = useState("rendered");
  const json = parsedJson(text);
  const long = text.length > MOST_RENDERED;
  return (
    <div className="sw-output">
      <Group gap="sm" justify="space-between" mb={8}>
        <Group gap="sm">
          {!long && (
            <SegmentedControl size="xs" aria-label="Show the output" data={VIEWS} value={view} onChange={setView} />
          )}
          {whole !== undefined && (
            <span className="sw-muted">
              Only the beginning.{" "}
              <Anchor href={whole} download>
                Download the whole text
              </Anchor>
            </span>
          )}
        </Group>
        <CopyButton value={text} what="output" />
      </Group>
      {view === "source" || long ? (
        <CodeText text={text} what="source" />
      ) : json === undefined ? (
        <MarkdownText text={text} />
      ) : (
        <JsonView value={json} what="JSON" />
      )}
    </div>
  );
}

/** The object or list that a text is as a whole; undefined for any other text, numbers and quoted words among them. */
function parsedJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    // A text that begins with a bracket.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

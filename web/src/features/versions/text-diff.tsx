import { Button, VisuallyHidden } from "@mantine/core";
import { useMemo, useState } from "react";
import { type DiffLine, type DiffRow, diffTexts, foldSame } from "../../lib/text-diff.ts";
import { counted } from "../../lib/tokens.ts";
import "./text-diff.css";

interface TextDiffProps {
  /** The field in words. */
  title: string;
  /** The field as the API names it. */
  path: string;
  /** Null where there is nothing. */
  before: string | null;
  after: string | null;
  /** What the two sides are called. */
  sides: { before: string; after: string };
}

/** A text of two sides, line by line beside each other, with the words marked that differ. */
export function TextDiff({ title, path, before, after, sides }: TextDiffProps) {
  const stretches = useMemo(() => foldSame(diffTexts(before, after)), [before, after]);
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  return (
    <figure className="sw-diff">
      <figcaption>
        {title} <span className="sw-mono sw-muted">{path}</span>
      </figcaption>
      <table aria-label={title}>
        {/* A head that is only heard gives a table no widths. */}
        <colgroup>
          <col className="sw-diff-numbers" />
          <col />
          <col className="sw-diff-numbers" />
          <col />
        </colgroup>
        <VisuallyHidden component="thead">
          <tr>
            <th scope="col">Line of {sides.before}</th>
            <th scope="col">{sides.before}</th>
            <th scope="col">Line of {sides.after}</th>
            <th scope="col">{sides.after}</th>
          </tr>
        </VisuallyHidden>
        <tbody>
          {stretches.map(({ rows, hidden }, place) =>
            hidden && !unfolded.has(place) ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: stretches never move
              <tr key={place} className="sw-diff-fold">
                <td colSpan={4}>
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    color="gray"
                    onClick={() => setUnfolded(new Set([...unfolded, place]))}
                  >
                    Show {counted(rows.length, "line")} that are the same
                  </Button>
                </td>
              </tr>
            ) : (
              rows.map((row) => <Row key={`${row.before?.number}/${row.after?.number}`} row={row} />)
            ),
          )}
        </tbody>
      </table>
    </figure>
  );
}

function Row({ row: { kind, before, after } }: { row: DiffRow }) {
  return (
    <tr data-kind={kind}>
      <Side line={before} sign="−" differs={kind !== "same"} />
      <Side line={after} sign="+" differs={kind !== "same"} />
    </tr>
  );
}

interface SideProps {
  line: DiffLine | null;
  sign: "−" | "+";
  differs: boolean;
}

function Side({ line, sign, differs }: SideProps) {
  if (line === null) return <td colSpan={2} className="sw-diff-none" />;
  const Mark = sign === "−" ? "del" : "ins";
  const side = differs ? (sign === "−" ? "removed" : "added") : undefined;
  return (
    <>
      <td className="sw-diff-number" data-side={side}>
        {line.number}
        <span aria-hidden>{differs ? sign : ""}</span>
      </td>
      <td className="sw-diff-text" data-side={side}>
        {line.pieces.map(({ text, marked }, place) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces never move
          marked ? <Mark key={place}>{text}</Mark> : <span key={place}>{text}</span>,
        )}
      </td>
    </>
  );
}

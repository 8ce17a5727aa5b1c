import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { counted } from "../../lib/tokens.ts";
import { expressionOf, type ValuePath } from "./value-path.ts";

/** Deeper ones are closed until somebody opens them. */
const OPEN_DEPTH = 3;
/** Of a list or object, until somebody asks for more. */
const SHOWN_AT_ONCE = 50;
const LONGEST_TEXT = 80;

interface JsonTreeProps {
  value: unknown;
  /** Called with the way to the value that was clicked. Undefined where there is only to look. */
  onPick: ((path: ValuePath) => void) | undefined;
  /** The fields that values are mapped to, by the expression of the value's path. */
  fields: ReadonlyMap<string, string>;
}

/** A payload laid out, each value of which can be clicked. */
export function JsonTree(props: JsonTreeProps) {
  return (
    <ul className="sw-tree">
      <Node {...props} path={[]} />
    </ul>
  );
}

type NodeProps = JsonTreeProps & { path: ValuePath };

function Node({ value, path, onPick, fields }: NodeProps) {
  const [open, setOpen] = useState(path.length < OPEN_DEPTH);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const expression = expressionOf(path);
  const name = path.at(-1);
  const field = fields.get(expression);
  const members = membersOf(value);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <li>
      <div className="sw-tree-line" data-mapped={field !== undefined}>
        {members === null ? (
          <span className="sw-tree-gap" />
        ) : (
          <button
            type="button"
            className="sw-tree-toggle"
            aria-expanded={open}
            aria-label={`${open ? "Close" : "Open"} ${expression}`}
            onClick={() => setOpen(!open)}
          >
            <Chevron size={14} aria-hidden />
          </button>
        )}
        {onPick ? (
          <button type="button" className="sw-tree-value" title={`Map ${expression}`} onClick={() => onPick(path)}>
            <Value name={name} value={value} />
          </button>
        ) : (
          <span className="sw-tree-value">
            <Value name={name} value={value} />
          </span>
        )}
        {field !== undefined && <span className="sw-tree-field">{field}</span>}
      </div>
      {members !== null && open && (
        <ul>
          {members.slice(0, shown).map(([step, inner]) => (
            <Node key={step} value={inner} path={[...path, step]} onPick={onPick} fields={fields} />
          ))}
          {members.length > shown && (
            <li>
              <button type="button" className="sw-tree-more" onClick={() => setShown(shown + SHOWN_AT_ONCE * 4)}>
                Show more of {counted(members.length, "value")}
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

function Value({ name, value }: { name: string | number | undefined; value: unknown }) {
  return (
    <>
      {name !== undefined && <span className="sw-tree-name">{name}</span>}
      <span className="sw-tree-text" data-kind={value === null ? "null" : typeof value}>
        {shownValue(value)}
      </span>
    </>
  );
}

function membersOf(value: unknown): [string | number, unknown][] | null {
  if (Array.isArray(value)) return value.map((item, place) => [place, item]);
  return typeof value === "object" && value !== null ? Object.entries(value) : null;
}

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return counted(value.length, "item");
  if (typeof value === "object" && value !== null) return counted(Object.keys(value).length, "member");
  const text = JSON.stringify(value) ?? "";
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

import { Textarea } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useEditor } from "../editor-context.ts";
import { type Completion, completed, completionAt, type Variable } from "../state/completion.ts";

interface PromptAreaProps {
  label: string;
  description: string;
  placeholder?: string;
  error?: string | undefined;
  value: string | undefined;
  onChange: (text: string | undefined) => void;
  /** What can stand in braces; none where braces mean nothing. */
  variables?: readonly Variable[];
}

const MOST_BYTES = 65_536;
const NONE: readonly Variable[] = [];

/** A prompt. After `{{` it offers what can stand there: arrows choose, Enter or Tab takes, Escape closes. */
export function PromptArea({ value = "", onChange, variables = NONE, error, ...rest }: PromptAreaProps) {
  const { readOnly } = useEditor();
  const area = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const [offer, setOffer] = useState<Completion | null>(null);
  const [chosen, setChosen] = useState(0);
  /** Where the caret goes once the completed text is in the field. */
  const caret = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret is set when the text has come back
  useEffect(() => {
    if (caret.current === null) return;
    area.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [value]);

  // Under a prompt at the panel's end it would open out of sight.
  const offered = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (offer !== null) offered.current?.scrollIntoView({ block: "nearest" });
  }, [offer]);

  const look = () => {
    const { value: text = "", selectionStart = 0, selectionEnd = 0 } = area.current ?? {};
    const next = readOnly || selectionStart !== selectionEnd ? null : completionAt(text, selectionStart, variables);
    setOffer(next);
    setChosen(0);
  };
  const take = (variable: Variable) => {
    if (!offer) return;
    const next = completed(value, offer, variable);
    caret.current = next.caret;
    setOffer(null);
    onChange(next.text);
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!offer) return;
    const count = offer.variables.length;
    const variable = offer.variables[chosen];
    if (event.key === "ArrowDown") setChosen((chosen + 1) % count);
    else if (event.key === "ArrowUp") setChosen((chosen + count - 1) % count);
    else if (event.key === "Escape") setOffer(null);
    else if ((event.key === "Enter" || event.key === "Tab") && variable) take(variable);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="sw-prompt">
      <Textarea
        {...rest}
        ref={area}
        size="xs"
        autosize
        minRows={3}
        maxRows={18}
        maxLength={MOST_BYTES}
        classNames={{ input: "sw-prompt-input" }}
        readOnly={readOnly}
        spellCheck={false}
        // What is being completed is not wrong yet.
        error={offer ? undefined : error}
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value);
          look();
        }}
        onClick={look}
        onKeyUp={(event) => {
          if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) look();
        }}
        onKeyDown={onKeyDown}
        // Escape closes the offer, and not the drawer round it as well.
        data-mantine-stop-propagation={offer !== null || undefined}
        onBlur={() => setOffer(null)}
        {...(variables.length > 0 && {
          "aria-autocomplete": "list",
          "aria-haspopup": "listbox",
          "aria-controls": offer ? list : undefined,
          "aria-activedescendant": offer ? `${list}-${chosen}` : undefined,
        })}
      />
      {offer && (
        <div className="sw-prompt-offer" ref={offered} id={list} role="listbox" aria-label="What can stand here">
          {offer.variables.map((variable, place) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the text area has the focus and takes the keys
            <div
              key={variable.reference}
              id={`${list}-${place}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === chosen}
              // The field would lose the focus, and with it the list.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(variable)}
            >
              <span>{variable.label}</span>
              <span className="sw-mono">{`{{${variable.reference}}}`}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

import { Button, FileButton, Group, Textarea } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useState } from "react";
import { useCommands } from "../../ui/index.ts";
import "./transfer.css";

/** Takes a file: dropped anywhere on the page, chosen, or pasted as text. */
export function FileDrop({ onFile }: { onFile: (file: File) => void }) {
  const over = useDropped(onFile);
  const [typed, setTyped] = useState<string | null>(null);
  useCommands([{ id: "paste", label: "Paste a workflow", group: "This page", run: () => setTyped("") }]);
  return (
    <section className="sw-drop" data-over={over} aria-label="File to import">
      <IconFileUpload size={24} stroke={1.5} aria-hidden />
      <h3>{over ? "Let go to look at it" : "Drop an exported file here"}</h3>
      <p>
        JSON or ZIP, of one workflow or of many, up to 50 MB. Nothing is written before you have seen what would become
        of it.
      </p>
      <div className="sw-drop-actions">
        <FileButton
          accept=".json,.zip,application/json,application/zip"
          onChange={(file) => file && onFile(file)}
          inputProps={{ "aria-label": "File to import" }}
        >
          {(props) => <Button {...props}>Choose a file</Button>}
        </FileButton>
        {typed === null && (
          <Button variant="default" onClick={() => setTyped("")}>
            Paste JSON
          </Button>
        )}
      </div>
      {typed !== null && <Pasted typed={typed} onType={setTyped} onFile={onFile} />}
    </section>
  );
}

interface PastedProps {
  typed: string;
  onType: (typed: string | null) => void;
  onFile: (file: File) => void;
}

function Pasted({ typed, onType, onFile }: PastedProps) {
  return (
    <form
      style={{ alignSelf: "stretch", textAlign: "left" }}
      onSubmit={(event) => {
        event.preventDefault();
        onFile(fileOf(typed));
      }}
    >
      <Textarea
        autoFocus
        label="Workflow as JSON"
        classNames={{ input: "sw-mono" }}
        autosize
        minRows={6}
        maxRows={16}
        spellCheck={false}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap="sm" mt="sm">
        <Button variant="default" onClick={() => onType(null)}>
          Cancel
        </Button>
        <Button type="submit" disabled={typed.trim() === ""}>
          Look at it
        </Button>
      </Group>
    </form>
  );
}

function fileOf(text: string): File {
  return new File([text], "Pasted text", { type: "application/json" });
}

/**
 * Listens on the whole page: a file that is dropped beside the frame would otherwise be opened in the dashboard's place.
 * Tells whether one is held over it now.
 */
function useDropped(onFile: (file: File) => void): boolean {
  const [over, setOver] = useState(false);
  const drop = useEffectEvent((event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file) onFile(file);
  });
  const paste = useEffectEvent((event: ClipboardEvent) => {
    if (event.target instanceof Element && event.target.closest("input, textarea")) return;
    const [file] = event.clipboardData?.files ?? [];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (file) onFile(file);
    else if (text.trim() !== "") onFile(fileOf(text));
  });
  useEffect(() => {
    const hold = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    // Each element that is passed tells of a leave; only the window's own has nothing that it leads to.
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    addEventListener("dragover", hold);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", hold);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, []);
  return over;
}

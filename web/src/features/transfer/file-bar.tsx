import { Button } from "@mantine/core";
import { IconFile } from "@tabler/icons-react";
import { formatBytes } from "../../lib/bytes.ts";
import "./transfer.css";

/** The file that is looked at, and the way to another one. */
export function FileBar({ file, onAnother }: { file: File; onAnother: () => void }) {
  return (
    <div className="sw-file">
      <span className="sw-file-name">
        <IconFile size={16} aria-hidden />
        <b>{file.name}</b>
        <span className="sw-muted sw-number">{formatBytes(file.size)}</span>
      </span>
      <Button size="xs" variant="default" onClick={onAnother}>
        Choose another file
      </Button>
    </div>
  );
}

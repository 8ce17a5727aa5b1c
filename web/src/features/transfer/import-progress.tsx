import { Progress, Stack } from "@mantine/core";
import { formatBytes } from "../../lib/bytes.ts";
import { formatExactCount } from "../../lib/tokens.ts";

interface ImportProgressProps {
  /** "Looking at the file", "Importing". */
  words: string;
  /** Of the file, where it is known. */
  bytes?: number;
  done: number;
  /** Null until its workflows were counted. */
  total: number | null;
}

/** How far a file is. */
export function ImportProgress({ words, bytes, done, total }: ImportProgressProps) {
  const size = bytes === undefined ? "" : ` of ${formatBytes(bytes)}`;
  return (
    <Stack gap="xs" role="status">
      <span>
        {words}
        {total === null ? size : `: ${formatExactCount(done)} of ${formatExactCount(total)} workflows`}
      </span>
      <Progress
        value={total === null ? 100 : (done / Math.max(1, total)) * 100}
        animated={total === null}
        aria-label={words}
      />
    </Stack>
  );
}

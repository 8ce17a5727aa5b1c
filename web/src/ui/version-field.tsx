import { Autocomplete } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { answer } from "../api/answer.ts";
import { client } from "../api/client.ts";
import { keys } from "../api/keys.ts";

const OFFERED = "50";

interface VersionFieldProps {
  workflowId: string;
  /** What is typed: a tag, a number or an id; empty for the draft. */
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  disabled?: boolean;
}

/** Which version of a workflow is run: its tags and newest versions are offered, and any other can be named. */
export function VersionField({ workflowId, value, onChange, error, disabled = false }: VersionFieldProps) {
  const versions = useQuery({
    queryKey: [...keys.versions.of(workflowId), "offered"],
    queryFn: () =>
      answer(client.api.workflows[":id"].versions.$get({ param: { id: workflowId }, query: { limit: OFFERED } })),
  });
  const items = versions.data?.items ?? [];
  const tags = [...new Set(items.flatMap((version) => version.tags))];
  return (
    <Autocomplete
      label="Version (optional)"
      description="A tag, which may move, or a number. Left empty, the draft is run."
      data={[...tags, ...items.map(({ version }) => String(version))]}
      value={value}
      onChange={onChange}
      error={error}
      disabled={disabled}
      limit={30}
      maxDropdownHeight={240}
      autoComplete="off"
    />
  );
}

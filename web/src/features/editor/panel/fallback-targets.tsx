import { ActionIcon, Autocomplete, Button, NumberInput, Select, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX, type TablerIcon } from "@tabler/icons-react";
import { providerName } from "../../../ui/index.ts";
import { useEditor } from "../editor-context.ts";
import type { Fallback } from "../state/draft.ts";
import { isRetired, modelsOf, useCatalogue } from "./catalogue.ts";

type Target = Fallback["targets"][number];

const MOST = 10;

interface FallbackTargetsProps {
  /** The provider of the agent's own model. */
  own: string;
  fallback: Fallback;
  error: string | undefined;
  onChange: (change: Pick<Fallback, "targets">) => void;
}

/** The targets that are asked after the agent's own model, in order. */
export function FallbackTargets({ own, fallback: { targets, strategy }, error, onChange }: FallbackTargetsProps) {
  const { readOnly } = useEditor();
  const catalogue = useCatalogue() ?? [];
  const named = new Set([own, ...targets.map(({ provider }) => provider)]);
  const another = catalogue.find(({ provider }) => !named.has(provider)) ?? catalogue[0];
  const put = (next: Target[]) => onChange({ targets: next });
  const swap = (place: number, other: number) => {
    const [one, two] = [targets[place], targets[other]];
    if (one && two) put(targets.map((target, at) => (at === place ? two : at === other ? one : target)));
  };
  return (
    <fieldset className="sw-panel-set">
      <legend>After its own model</legend>
      {targets.length === 0 && (
        <Text size="xs" className="sw-muted">
          None: its counterparts at other providers.
        </Text>
      )}
      {targets.map((target, place) => {
        const name = `target ${place + 1}`;
        const set = (change: Partial<Target>) =>
          put(targets.map((each, at) => (at === place ? { ...each, ...change } : each)));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a target is its place in the order
          <div key={place} className="sw-target">
            <Select
              size="xs"
              aria-label={`Provider of ${name}`}
              readOnly={readOnly}
              allowDeselect={false}
              data={catalogue.map(({ provider }) => ({ value: String(provider), label: providerName(provider) }))}
              value={target.provider}
              onChange={(provider) => provider !== null && set({ provider, model: undefined })}
            />
            <Autocomplete
              size="xs"
              aria-label={`Model of ${name}`}
              placeholder="Its counterpart"
              readOnly={readOnly}
              maxLength={200}
              data={modelsOf(catalogue, target.provider).flatMap((model) => (isRetired(model) ? [] : [model.id]))}
              value={target.model ?? ""}
              onChange={(model) => set({ model: model.trim() === "" ? undefined : model })}
            />
            {strategy === "balanced" && (
              <NumberInput
                size="xs"
                className="sw-target-weight"
                aria-label={`Weight of ${name}`}
                placeholder="1"
                readOnly={readOnly}
                min={0}
                max={1_000}
                clampBehavior="strict"
                value={target.weight ?? ""}
                onChange={(weight) => set({ weight: typeof weight === "number" ? weight : undefined })}
              />
            )}
            {!readOnly && (
              <span className="sw-target-tools">
                <Tool icon={IconArrowUp} label={`Move ${name} up`} onClick={() => swap(place, place - 1)} />
                <Tool icon={IconArrowDown} label={`Move ${name} down`} onClick={() => swap(place, place + 1)} />
                <Tool
                  icon={IconX}
                  label={`Remove ${name}`}
                  onClick={() => put(targets.filter((_, at) => at !== place))}
                />
              </span>
            )}
          </div>
        );
      })}
      {error !== undefined && (
        <Text size="xs" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      {!readOnly && targets.length < MOST && (
        <Button
          size="xs"
          variant="default"
          disabled={!another}
          onClick={() => another && put([...targets, { provider: another.provider }])}
        >
          Add target
        </Button>
      )}
    </fieldset>
  );
}

function Tool({ icon: Icon, label, onClick }: { icon: TablerIcon; label: string; onClick: () => void }) {
  return (
    <ActionIcon size={24} variant="subtle" color="gray" aria-label={label} title={label} onClick={onClick}>
      <Icon size={14} aria-hidden />
    </ActionIcon>
  );
}

import { Anchor, Autocomplete, Select, Text } from "@mantine/core";
import { providerName } from "../../../ui/index.ts";
import { useEditor } from "../editor-context.ts";
import type { Target } from "../state/edits.ts";
import { counterpartOf, isRetired, modelFacts, modelsOf, retirementWords, useCatalogue } from "./catalogue.ts";

interface ModelFieldsProps {
  value: Target;
  errors?: { provider?: string | undefined; model?: string | undefined };
  onChange: (target: Target) => void;
}

/** A provider and one of its models, with what the catalogue knows of it. Any name is taken. */
export function ModelFields({ value, errors = {}, onChange }: ModelFieldsProps) {
  const { readOnly } = useEditor();
  const catalogue = useCatalogue();
  const models = modelsOf(catalogue, value.provider);
  const byId = new Map(models.map((model) => [model.id, model]));
  return (
    <>
      <ProviderSelect
        label="Provider"
        value={value.provider}
        error={errors.provider}
        onChange={(provider) => onChange({ provider, model: counterpartOf(catalogue, value, provider) ?? value.model })}
      />
      <Autocomplete
        label="Model"
        size="xs"
        maxLength={200}
        readOnly={readOnly}
        limit={50}
        data={models.map(({ id }) => id)}
        value={value.model}
        error={errors.model}
        // All are shown while one is chosen that the catalogue knows; typing narrows them.
        filter={({ options, search }) =>
          byId.has(search)
            ? options
            : options.filter((option) => "value" in option && option.value.includes(search.trim().toLowerCase()))
        }
        renderOption={({ option }) => {
          const model = byId.get(option.value);
          return (
            <div className="sw-model-option">
              <span className="sw-mono">{option.value}</span>
              <small>
                {model && isRetired(model) && `${retirementWords(model)} `}
                {model && modelFacts(model)}
              </small>
            </div>
          );
        }}
        onChange={(model) => {
          if (model.trim() !== "") onChange({ ...value, model });
        }}
      />
      <ModelNote value={value} onChange={onChange} />
    </>
  );
}

interface ProviderSelectProps {
  label: string;
  value: string;
  error?: string | undefined;
  onChange: (provider: string) => void;
}

/** The providers, and which of them can be called. */
export function ProviderSelect({ label, value, error, onChange }: ProviderSelectProps) {
  const { readOnly } = useEditor();
  const catalogue = useCatalogue() ?? [];
  const known = catalogue.map(({ provider, configured }) => ({
    value: String(provider),
    label: configured ? providerName(provider) : `${providerName(provider)} (no key)`,
  }));
  const data = known.some((each) => each.value === value) ? known : [{ value, label: providerName(value) }, ...known];
  return (
    <Select
      label={label}
      size="xs"
      readOnly={readOnly}
      allowDeselect={false}
      data={data}
      value={value}
      error={error}
      onChange={(provider) => provider !== null && onChange(provider)}
    />
  );
}

function ModelNote({ value, onChange }: Pick<ModelFieldsProps, "value" | "onChange">) {
  const { readOnly } = useEditor();
  const catalogue = useCatalogue();
  if (!catalogue) return null;
  const model = modelsOf(catalogue, value.provider).find(({ id }) => id === value.model);
  if (!model) {
    return (
      <Text size="xs" className="sw-muted">
        The catalogue does not know this model: it is asked under this name, and costs nothing known until an owner sets
        a price.
      </Text>
    );
  }
  const { successor } = model;
  if (!isRetired(model)) {
    return (
      <Text size="xs" className="sw-muted">
        {modelFacts(model)}
      </Text>
    );
  }
  return (
    <Text size="xs" className="sw-model-retired">
      {retirementWords(model)}
      {successor !== null && (
        <>
          {" "}
          Its successor is <span className="sw-mono">{successor}</span>.{" "}
          {!readOnly && (
            <Anchor component="button" type="button" size="xs" onClick={() => onChange({ ...value, model: successor })}>
              Use it
            </Anchor>
          )}
        </>
      )}
    </Text>
  );
}

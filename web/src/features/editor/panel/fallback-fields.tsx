import { Checkbox, Select } from "@mantine/core";
import { useEditor } from "../editor-context.ts";
import type { Agent, Fallback } from "../state/draft.ts";
import { type Fault, faultText } from "../state/faults.ts";
import { FallbackTargets } from "./fallback-targets.tsx";
import { OptionalNumber, RequiredNumber, Tags } from "./fields.tsx";
import { RouteExplanation } from "./route-explanation.tsx";

/** As the API fills it in where an agent says less. */
const OWN: Fallback = {
  enabled: true,
  strategy: "ordered",
  targets: [],
  on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
  retries: 0,
  attemptTimeoutMs: 60_000,
  deadlineMs: 300_000,
};
const POLICIES = [
  { value: "default", label: "By default: its counterparts at other providers" },
  { value: "own", label: "As set here" },
  { value: "off", label: "Never: its own model only" },
];
const STRATEGIES = [
  { value: "ordered", label: "In this order" },
  { value: "cheapest", label: "The cheapest first" },
  { value: "fastest", label: "The fastest first" },
  { value: "balanced", label: "Shared by weight" },
] as const;

interface FallbackFieldsProps {
  agent: Agent;
  faults: readonly Fault[];
  onChange: (fallback: Fallback | undefined) => void;
}

/** What happens when an agent's model fails, and what that would mean now. */
export function FallbackFields({ agent, faults, onChange }: FallbackFieldsProps) {
  const { readOnly } = useEditor();
  const { fallback } = agent;
  const policy = fallback === undefined ? "default" : fallback.enabled ? "own" : "off";
  return (
    <>
      <Select
        label="When the model fails"
        size="xs"
        readOnly={readOnly}
        allowDeselect={false}
        data={POLICIES}
        value={policy}
        onChange={(next) =>
          onChange(next === "default" ? undefined : { ...(fallback ?? OWN), enabled: next === "own" })
        }
      />
      {fallback?.enabled && <OwnPolicy own={agent.provider} fallback={fallback} faults={faults} onChange={onChange} />}
      <RouteExplanation agent={agent} />
    </>
  );
}

interface OwnPolicyProps {
  own: string;
  fallback: Fallback;
  faults: readonly Fault[];
  onChange: (fallback: Fallback) => void;
}

function OwnPolicy({ own, fallback, faults, onChange }: OwnPolicyProps) {
  const { readOnly } = useEditor();
  const set = (fields: Partial<Fallback>) => onChange({ ...fallback, ...fields });
  const on = (fields: Partial<Fallback["on"]>) => set({ on: { ...fallback.on, ...fields } });
  return (
    <>
      <Select
        label="Which is asked first"
        size="xs"
        readOnly={readOnly}
        allowDeselect={false}
        data={[...STRATEGIES]}
        value={fallback.strategy}
        onChange={(value) => {
          const strategy = STRATEGIES.find((each) => each.value === value)?.value;
          if (strategy) set({ strategy });
        }}
      />
      <FallbackTargets own={own} fallback={fallback} error={faultText(faults, "fallback.targets")} onChange={set} />
      <fieldset className="sw-panel-set">
        <legend>Go on to the next after</legend>
        <Checkbox
          size="xs"
          label="An error of the provider"
          disabled={readOnly}
          checked={fallback.on.error}
          onChange={(event) => on({ error: event.currentTarget.checked })}
        />
        <Checkbox
          size="xs"
          label="A rate limit"
          disabled={readOnly}
          checked={fallback.on.rateLimit}
          onChange={(event) => on({ rateLimit: event.currentTarget.checked })}
        />
        <Checkbox
          size="xs"
          label="A timeout"
          disabled={readOnly}
          checked={fallback.on.timeout}
          onChange={(event) => on({ timeout: event.currentTarget.checked })}
        />
      </fieldset>
      <Tags
        label="And after these statuses"
        description="HTTP statuses, whatever else is said. Enter adds one."
        maxTags={50}
        accepts={(tag) => /^[1-5]\d\d$/.test(tag)}
        value={fallback.on.statusCodes.map(String)}
        onChange={(codes) => on({ statusCodes: codes.map(Number) })}
      />
      <div className="sw-panel-pair">
        <OptionalNumber
          label="Or when slower than"
          suffix=" ms"
          min={1}
          max={900_000}
          step={1_000}
          whole
          placeholder="Never"
          value={fallback.on.latencyMs}
          onChange={(latencyMs) => on({ latencyMs })}
        />
        <RequiredNumber
          label="Retries of each"
          min={0}
          max={10}
          whole
          value={fallback.retries}
          onChange={(retries) => set({ retries })}
        />
        <RequiredNumber
          label="One call may take"
          suffix=" ms"
          min={100}
          max={600_000}
          step={1_000}
          whole
          value={fallback.attemptTimeoutMs}
          onChange={(attemptTimeoutMs) => set({ attemptTimeoutMs })}
        />
        <RequiredNumber
          label="All together"
          suffix=" ms"
          min={100}
          max={900_000}
          step={1_000}
          whole
          value={fallback.deadlineMs}
          onChange={(deadlineMs) => set({ deadlineMs })}
        />
      </div>
    </>
  );
}

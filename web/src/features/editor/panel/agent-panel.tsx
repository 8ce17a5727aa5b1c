import { Accordion, Autocomplete, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { CopyButton } from "../../../ui/index.ts";
import { useEditor } from "../editor-context.ts";
import type { Agent } from "../state/draft.ts";
import { withAgent } from "../state/edits.ts";
import { faultText } from "../state/faults.ts";
import { AgentEdges } from "./agent-edges.tsx";
import { useCatalogue } from "./catalogue.ts";
import { FallbackFields } from "./fallback-fields.tsx";
import { OptionalNumber, OptionalText, RequiredNumber, RequiredText, Tags } from "./fields.tsx";
import { ModelFields } from "./model-fields.tsx";
import { PromptArea } from "./prompt-area.tsx";
import { variablesFor } from "./variables.ts";

const ROLES = [
  "worker",
  "researcher",
  "writer",
  "editor",
  "reviewer",
  "planner",
  "analyst",
  "summarizer",
  "classifier",
];
const OPENED = ["model", "prompts", "edges"];
/** The parts that are closed at first, with the fields in them: one that holds a fault is opened. */
const CLOSED = {
  sampling: ["temperature", "topP", "maxTokens", "stopSequences"],
  capabilities: ["capabilities", "useKnowledge", "learnKnowledge"],
  fallback: ["fallback"],
};

/** Everything of one agent. */
export function AgentPanel({ agent }: { agent: Agent }) {
  const { draft, readOnly, faults, change } = useEditor();
  const catalogue = useCatalogue() ?? [];
  const own = faults.filter(({ nodeId }) => nodeId === agent.nodeId);
  const set = (fields: Partial<Agent>) =>
    change(withAgent(draft, agent.id, fields), { streak: `${agent.id} ${Object.keys(fields)}` });
  const faulty = Object.entries(CLOSED).flatMap(([part, fields]) =>
    fields.some((field) => faultText(own, field) !== undefined) ? [part] : [],
  );
  const roles = [...new Set([...draft.agents.map(({ role }) => role), ...ROLES])];
  const capabilities = new Set(catalogue.flatMap(({ models }) => models.flatMap((model) => model.capabilities)));
  const noPrompt = draft.edges.some(({ target }) => target === agent.nodeId)
    ? "Empty: it is given the outputs of the agents that lead to it."
    : "Empty: it is given the input.";

  return (
    <>
      <div className="sw-panel-part">
        <RequiredText label="Name" maxLength={200} value={agent.name} onChange={(name) => set({ name })} />
        <Autocomplete
          label="Role"
          description="Costs are summed by it, and knowledge is kept for it."
          size="xs"
          maxLength={100}
          readOnly={readOnly}
          data={roles}
          value={agent.role}
          onChange={(role) => role.trim() !== "" && set({ role })}
        />
        <OptionalText
          label="Description (optional)"
          maxLength={2_000}
          value={agent.description}
          onChange={(description) => set({ description })}
        />
        <p className="sw-panel-id">
          Node <span className="sw-mono">{agent.nodeId}</span>
          <CopyButton value={agent.nodeId} what="node id" />
        </p>
      </div>
      <Accordion
        multiple
        transitionDuration={0}
        defaultValue={[...OPENED, ...faulty]}
        className="sw-panel-parts"
        order={3}
      >
        <Part name="model" title="Model">
          <ModelFields
            value={agent}
            errors={{ provider: faultText(own, "provider"), model: faultText(own, "model") }}
            onChange={({ provider, model }) => set({ provider, model })}
          />
        </Part>
        <Part name="prompts" title="Prompts">
          <PromptArea
            label="System prompt"
            description="Who the agent is, and how it works. Taken as it is."
            value={agent.systemPrompt}
            error={faultText(own, "systemPrompt")}
            onChange={(systemPrompt) => set({ systemPrompt })}
          />
          <PromptArea
            label="Prompt"
            description="Type {{ for the input, or for the output of an agent before it."
            placeholder={noPrompt}
            value={agent.prompt}
            error={faultText(own, "prompt")}
            variables={variablesFor(draft, agent.nodeId)}
            onChange={(prompt) => set({ prompt })}
          />
        </Part>
        <Part name="edges" title="Edges">
          <AgentEdges nodeId={agent.nodeId} />
        </Part>
        <Part name="sampling" title="Sampling">
          <div className="sw-panel-pair">
            <RequiredNumber
              label="Temperature"
              min={0}
              max={2}
              step={0.1}
              value={agent.temperature}
              onChange={(temperature) => set({ temperature })}
            />
            <OptionalNumber
              label="Top P"
              min={0}
              max={1}
              step={0.05}
              placeholder="The model's own"
              value={agent.topP}
              onChange={(topP) => set({ topP })}
            />
          </div>
          <RequiredNumber
            label="Max tokens"
            description="The most that one answer may have, reasoning included."
            min={1}
            max={200_000}
            step={256}
            whole
            value={agent.maxTokens}
            onChange={(maxTokens) => set({ maxTokens })}
          />
          <Tags
            label="Stop sequences"
            description="The answer ends before any of these. Enter adds one."
            maxTags={16}
            value={agent.stopSequences ?? []}
            onChange={(stopSequences) => set({ stopSequences: stopSequences.length === 0 ? undefined : stopSequences })}
          />
        </Part>
        <Part name="capabilities" title="Capabilities and knowledge">
          <Tags
            label="Capabilities"
            description="A fallback that lacks one of these is passed over."
            maxTags={50}
            suggestions={[...capabilities].toSorted()}
            value={agent.capabilities}
            onChange={(next) => set({ capabilities: next })}
          />
          <Switch
            label="Use knowledge"
            description="It is told what is known for its role."
            disabled={readOnly}
            checked={agent.useKnowledge === true}
            onChange={(event) => set({ useKnowledge: event.currentTarget.checked })}
          />
          <Switch
            label="Learn knowledge"
            description="It may offer what it found out, for its role to know."
            disabled={readOnly}
            checked={agent.learnKnowledge === true}
            onChange={(event) => set({ learnKnowledge: event.currentTarget.checked })}
          />
        </Part>
        <Part name="fallback" title="Fallback">
          <FallbackFields agent={agent} faults={own} onChange={(fallback) => set({ fallback })} />
        </Part>
      </Accordion>
    </>
  );
}

function Part({ name, title, children }: { name: string; title: string; children: ReactNode }) {
  return (
    <Accordion.Item value={name}>
      <Accordion.Control>{title}</Accordion.Control>
      <Accordion.Panel>
        <div className="sw-panel-part">{children}</div>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

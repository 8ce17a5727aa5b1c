import { DomainError } from "../core/errors.ts";
import { checkInput, type Definition } from "../definitions/index.ts";
import { PROVIDERS, settingNameOf } from "../providers/index.ts";
import type { PinnedVersion } from "../versions/index.ts";
import { validateWorkflow } from "../workflows/index.ts";
import type { Engine } from "./engine.ts";

/** Throws `workflow_invalid` with every fault that keeps a definition from running. */
export function assertRunnable({ definition, losses }: Pick<PinnedVersion, "definition" | "losses">): void {
  const { errors } = validateWorkflow(definition, losses);
  if (errors.length === 0) return;
  throw new DomainError(
    "workflow_invalid",
    "The workflow cannot run as it is. Mend what details names, then execute it again.",
    {
      details: errors.map(({ path, message }) => ({ path, message })),
    },
  );
}

/** Throws `input_invalid` when the workflow declares a schema for its input and this one does not fit. */
export function assertInput(definition: Definition, input: unknown): void {
  const { inputSchema } = definition.settings;
  const faults = inputSchema === undefined ? [] : checkInput(inputSchema, input);
  if (faults.length === 0) return;
  throw new DomainError("input_invalid", "The input does not fit the workflow's inputSchema.", {
    details: faults.map(({ path, message }) => ({ path: path === "" ? "input" : `input.${path}`, message })),
  });
}

/** Throws `provider_not_configured` with the setting to set, for every provider that an agent needs and has no key. */
export async function assertProviders(
  engine: Pick<Engine, "providerKey">,
  workspaceId: string,
  definition: Definition,
): Promise<void> {
  const details = [];
  for (const provider of PROVIDERS) {
    const index = definition.agents.findIndex((agent) => agent.provider === provider);
    if (index === -1 || (await engine.providerKey(workspaceId, provider)) !== null) continue;
    details.push({
      path: `agents[${index}].provider`,
      message: `store a key with PUT /api/credentials/${provider}, set ${settingNameOf(provider)} (it serves the installation owner's workspace, others with SHARE_PROVIDER_KEYS=true), or choose another provider`,
    });
  }
  if (details.length === 0) return;
  throw new DomainError(
    "provider_not_configured",
    "No key is set for a provider that this workflow uses. See details for what to set.",
    {
      details,
    },
  );
}

export { adapterFor } from "./adapters.ts";
export {
  type BreakerDeps,
  type BreakerHealth,
  type BreakerKey,
  type BreakerNamespace,
  type Breakers,
  type CallOutcome,
  openBreakers,
  type Permit,
} from "./breakers.ts";
export {
  type CallOptions,
  type Completion,
  type CompletionRequest,
  type ErrorKind,
  type FinishReason,
  PROVIDERS,
  type ProviderAdapter,
  ProviderError,
  type ProviderErrorFacts,
  type ProviderName,
  type Usage,
} from "./contract.ts";
export { type KeyCtx, type KeySettings, keyFor, type WorkspaceKey } from "./credentials-key.ts";
export { type ProviderKey, type ProviderSettings, resolveKey, settingNameOf } from "./keys.ts";

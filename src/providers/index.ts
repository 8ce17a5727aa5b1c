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
export { breakerKey } from "./call-target.ts";
export { runChain } from "./chain.ts";
export type {
  ChainCall,
  ChainPolicy,
  ChainPorts,
  ChainRefusal,
  ChainResult,
  ChainTarget,
  PlannedCall,
  Purse,
} from "./chain-contract.ts";
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
export { p50Of } from "./p50.ts";
export { type Plan, type PlanPorts, type PlanRequest, planAgent, type RoutedAgent } from "./plan-agent.ts";
export { mayPass } from "./rules/after-failure.ts";
export { billingOf } from "./rules/billing.ts";
export { type Hop, hopsOf, type NotCalled } from "./rules/hops.ts";
export type { PlannedTarget } from "./rules/plan-targets.ts";

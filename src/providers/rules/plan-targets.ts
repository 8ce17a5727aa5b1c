import type { ProviderName } from "../contract.ts";

/** A target of an agent, with what is known of it. `null` is unknown, and is never read as zero or as none. */
export interface CandidateTarget {
  provider: ProviderName;
  model: string;
  /** Named by the agent itself, rather than found as a counterpart. */
  named: boolean;
  weight: number;
  configured: boolean;
  /** Why the stored key cannot be used, where there is one that cannot. */
  keyFault: string | null;
  /** What one call of this size would cost, in nano-USD. */
  expectedCost: number | null;
  p50LatencyMs: number | null;
  contextWindow: number | null;
  capabilities: readonly string[] | null;
  retired: boolean;
  /** The model that the agent names and that this one succeeds, where that one was shut down. */
  insteadOf: string | null;
  /** No model is known that could stand in for the agent's own; `model` is then the agent's. */
  unmatched: boolean;
}

export type Strategy = "ordered" | "cheapest" | "fastest" | "balanced";

export interface RoutingRequest {
  strategy: Strategy;
  /** Of the vocabulary that the catalogue knows: what else an agent lists is a note for people. */
  requires: readonly string[];
  /** A cautious estimate of what the call needs: prompt and output. */
  tokensNeeded: number;
  /** Decides draws: hex of at least 12 digits for a target, evenly distributed. */
  draw(target: CandidateTarget): string;
}

export interface PlannedTarget extends CandidateTarget {
  eligible: boolean;
  /** Why it stands where it stands, or why it is not tried. */
  reason: string;
}

/**
 * The order in which an agent's targets are tried: eligible ones by the strategy, the first candidate being the
 * agent's own model, then those that are not tried, each with its reason. Deterministic given its inputs.
 */
export function planTargets(candidates: readonly CandidateTarget[], request: RoutingRequest): PlannedTarget[] {
  const judged = candidates.map((target, index) => ({ target, index, fault: faultOf(target, index === 0, request) }));
  const eligible = judged.filter(({ fault }) => fault === null);
  const refused = judged.filter(({ fault }) => fault !== null);
  const ordered = eligible.toSorted((one, other) => rank(one, other, request));
  return [
    ...ordered.map(({ target, index }) => ({
      ...target,
      eligible: true,
      reason: reasonOf(target, index === 0, request),
    })),
    ...refused.map(({ target, fault }) => ({ ...target, eligible: false, reason: fault ?? "" })),
  ];
}

function faultOf(target: CandidateTarget, own: boolean, request: RoutingRequest): string | null {
  if (target.unmatched) return `no counterpart of ${target.model} is known there: name a model`;
  if (!target.configured) return target.keyFault ?? "no key is set for this provider";
  if (own) return null;
  if (target.retired) return "this model was shut down and has no successor";
  const { capabilities, contextWindow } = target;
  const missing = capabilities === null ? [] : request.requires.filter((each) => !capabilities.includes(each));
  if (missing.length > 0) return `lacks what the agent requires: ${missing.join(", ")}`;
  if (contextWindow !== null && request.tokensNeeded > contextWindow) {
    return `its window of ${contextWindow} tokens is too small for about ${request.tokensNeeded}`;
  }
  return null;
}

interface Judged {
  target: CandidateTarget;
  index: number;
}

function rank(one: Judged, other: Judged, request: RoutingRequest): number {
  switch (request.strategy) {
    case "ordered":
      return one.index - other.index;
    case "cheapest":
      return unknownLast(one.target.expectedCost, other.target.expectedCost) || one.index - other.index;
    case "fastest":
      return unknownLast(speed(one.target, request), speed(other.target, request)) || one.index - other.index;
    case "balanced":
      return lot(other.target, request) - lot(one.target, request) || one.index - other.index;
  }
}

/** How often a target that was not measured goes before those that were. Without that it never would be measured. */
const MEASURED_SHARE = 0.1;

function speed(target: CandidateTarget, request: RoutingRequest): number | null {
  return target.p50LatencyMs ?? (isToBeMeasured(target, request) ? -1 : null);
}

function isToBeMeasured(target: CandidateTarget, request: RoutingRequest): boolean {
  return target.p50LatencyMs === null && evenly(target, request) < MEASURED_SHARE;
}

/** A number between 0 and 1, evenly drawn, neither of them included. */
function evenly(target: CandidateTarget, request: RoutingRequest): number {
  return (Number.parseInt(request.draw(target).slice(0, 12), 16) + 1) / (2 ** 48 + 1);
}

function unknownLast(one: number | null, other: number | null): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return one - other;
}

/**
 * A weighted draw without replacement: u^(1/w) with u even between 0 and 1, largest first (Efraimidis and Spirakis,
 * "Weighted random sampling with a reservoir", 2006). A weight of 0 comes last.
 */
function lot(target: CandidateTarget, request: RoutingRequest): number {
  if (target.weight <= 0) return -1;
  return evenly(target, request) ** (1 / target.weight);
}

function reasonOf(target: CandidateTarget, own: boolean, request: RoutingRequest): string {
  const role = roleOf(target, own);
  switch (request.strategy) {
    case "ordered":
      return role;
    case "cheapest":
      return target.expectedCost === null
        ? `${role}; its price is not known`
        : `${role}; about ${target.expectedCost} nano-USD a call`;
    case "fastest":
      if (target.p50LatencyMs !== null) return `${role}; answers in ${target.p50LatencyMs} ms`;
      return isToBeMeasured(target, request) ? `${role}; drawn to be measured` : `${role}; not measured yet`;
    case "balanced":
      return `${role}; drawn with weight ${target.weight}`;
  }
}

function roleOf({ named, insteadOf }: CandidateTarget, own: boolean): string {
  if (own) return "the agent's own model";
  if (insteadOf !== null) return `the successor of ${insteadOf}, which the agent names and which was shut down`;
  return named ? "a target that the agent names" : "the counterpart of the agent's model";
}

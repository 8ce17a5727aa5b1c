import { nanoUsdToDecimal } from "../../src/core/money.ts";

/** What the tour shows of a version. */
export interface ShownVersion {
  id: string;
  version: number;
  kind: string;
  commitMessage: string;
  contentHash: string;
  tags: string[];
  executionCount: number;
  successRate: number | null;
  avgDuration: number | null;
  avgCostNanoUsd: number | null;
  avgInputTokens: number | null;
  avgOutputTokens: number | null;
}

/** Two versions' statistics side by side, a figure a line. */
export function statisticsLines(from: ShownVersion, to: ShownVersion): string[] {
  const figure = (name: string, of: (version: ShownVersion) => string) =>
    `  ${name.padEnd(20)}${of(from).padStart(14)}${of(to).padStart(14)}`;
  const known = (value: number | null, shown: (value: number) => string) => (value === null ? "-" : shown(value));
  return [
    figure("", ({ version }) => `version ${version}`),
    figure("executions", ({ executionCount }) => String(executionCount)),
    figure("succeeded", ({ successRate }) => known(successRate, (percent) => `${percent} %`)),
    figure("mean duration", ({ avgDuration }) => known(avgDuration, (ms) => `${(ms / 1000).toFixed(1)} s`)),
    figure("mean input tokens", ({ avgInputTokens }) => known(avgInputTokens, String)),
    figure("mean output tokens", ({ avgOutputTokens }) => known(avgOutputTokens, String)),
    figure("mean cost", ({ avgCostNanoUsd }) =>
      avgCostNanoUsd === null ? "unpriced" : `$${nanoUsdToDecimal(avgCostNanoUsd)}`,
    ),
  ];
}

/** A history, a version a line, in the order given. */
export function historyLines(versions: readonly ShownVersion[]): string[] {
  return versions.map(({ version, kind, commitMessage, tags, contentHash }) => {
    const named = tags.length === 0 ? "" : `  [${tags.join(", ")}]`;
    return `  ${String(version).padStart(3)}  ${contentHash.slice(0, 8)}  ${kind.padEnd(8)} ${commitMessage}${named}`;
  });
}

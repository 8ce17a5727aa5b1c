import type { ReactNode } from "react";
import { changeInPercent, formatPercent } from "../../lib/shares.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import { Duration, Missing, Money, Tokens } from "../../ui/index.ts";
import type { Comparison } from "./queries.ts";
import { sideName } from "./reference.ts";

type Side = Comparison["from"];
type Numbers = Extract<Side, { draft: false }>;

interface Figure {
  name: string;
  show: (version: Numbers) => ReactNode;
  value?: (version: Numbers) => number | null;
}

const FIGURES: readonly Figure[] = [
  { name: "Executions", show: ({ executionCount }) => formatExactCount(executionCount) },
  {
    name: "Success",
    show: ({ successRate }) => (successRate === null ? <Missing /> : formatPercent(Math.round(successRate * 10) / 10)),
    value: ({ successRate }) => successRate,
  },
  {
    name: "Mean time",
    show: ({ avgDuration }) => <Duration ms={avgDuration} />,
    value: ({ avgDuration }) => avgDuration,
  },
  {
    name: "Mean cost",
    show: ({ executionCount, avgCostNanoUsd }) =>
      executionCount === 0 ? <Missing /> : <Money nanoUsd={avgCostNanoUsd} />,
    value: ({ avgCostNanoUsd }) => avgCostNanoUsd,
  },
  {
    name: "Tokens in",
    show: ({ avgInputTokens }) => <Tokens count={avgInputTokens} />,
    value: ({ avgInputTokens }) => avgInputTokens,
  },
  {
    name: "Tokens out",
    show: ({ avgOutputTokens }) => <Tokens count={avgOutputTokens} />,
    value: ({ avgOutputTokens }) => avgOutputTokens,
  },
];

/** How both sides have done: a draft has not been executed as such, and has no figures. */
export function CompareStatistics({ comparison: { from, to } }: { comparison: Comparison }) {
  const rows = [
    { key: "from", name: sideName(from), cell: ({ show }: Figure) => (from.draft ? <Missing /> : show(from)) },
    { key: "to", name: sideName(to), cell: ({ show }: Figure) => (to.draft ? <Missing /> : show(to)) },
    {
      key: "change",
      name: "Change",
      cell: ({ value }: Figure) =>
        (!from.draft && !to.draft && value && changeInPercent(value(from), value(to))) || <Missing />,
    },
  ];
  return (
    <table className="sw-table sw-statistics" aria-label="How they have done">
      <thead>
        <tr>
          <th scope="col">Statistics</th>
          {FIGURES.map(({ name }) => (
            <th key={name} scope="col" data-align="right">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, cell }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            {FIGURES.map((figure) => (
              <td key={figure.name} data-align="right" className="sw-number">
                {cell(figure)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

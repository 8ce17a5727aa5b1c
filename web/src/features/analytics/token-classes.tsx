import { useQuery } from "@tanstack/react-query";
import { shareOf } from "../../lib/share.ts";
import { LinesSkeleton, Loaded, Section, ShareBar, Tokens } from "../../ui/index.ts";
import type { Asked } from "./asked.ts";
import { type Usage, usageQuery } from "./queries.ts";

/** What a range's tokens were: input from where, and output for what. Each class has a price of its own. */
export function TokenClasses({ asked }: { asked: Asked }) {
  const usage = useQuery(usageQuery(asked.query));
  return (
    <Section title="Tokens by class" sentence="Each class has a price of its own.">
      <div className="sw-classes">
        <Loaded query={usage} title="The tokens could not be loaded" skeleton={<LinesSkeleton lines={6} />}>
          {(loaded) => <Classes usage={loaded} />}
        </Loaded>
      </div>
    </Section>
  );
}

function Classes({ usage }: { usage: Usage }) {
  const classes = classesOf(usage);
  const total = usage.inputTokens + usage.outputTokens;
  return (
    <table className="sw-table" aria-label="Tokens by class">
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col" data-align="right" style={{ width: 96 }}>
            Tokens
          </th>
          <th scope="col" style={{ width: 240 }}>
            Share of tokens
          </th>
        </tr>
      </thead>
      <tbody>
        {classes.map(({ name, count }) => (
          <tr key={name}>
            <td>{name}</td>
            <td data-align="right">
              <Tokens count={count} />
            </td>
            <td>
              <ShareBar share={shareOf(count, total)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The classes without overlap: input holds what came from and went to caches, output holds reasoning. */
function classesOf(usage: Usage): { name: string; count: number }[] {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, cacheWrite1hTokens, outputTokens, reasoningTokens } = usage;
  return [
    { name: "Input", count: inputTokens - cachedInputTokens - cacheWriteTokens - cacheWrite1hTokens },
    { name: "Input from cache", count: cachedInputTokens },
    { name: "Input written to cache", count: cacheWriteTokens },
    { name: "Input written to cache for an hour", count: cacheWrite1hTokens },
    { name: "Output", count: outputTokens - reasoningTokens },
    { name: "Reasoning", count: reasoningTokens },
  ];
}

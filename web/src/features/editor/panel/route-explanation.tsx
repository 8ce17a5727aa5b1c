import { Button } from "@mantine/core";
import { IconCircleCheck, IconCircleMinus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../../../api/answer.ts";
import { client } from "../../../api/client.ts";
import { keys } from "../../../api/keys.ts";
import { Loaded, ModelChip } from "../../../ui/index.ts";
import type { Agent } from "../state/draft.ts";

/** Which targets an agent would try if it ran now, in order, each with why or why not. Nobody is called for it. */
export function RouteExplanation({ agent }: { agent: Agent }) {
  const [asked, setAsked] = useState(false);
  const { provider, model, fallback, capabilities, maxTokens } = agent;
  const routed = { provider, model, capabilities, maxTokens, ...(fallback === undefined ? {} : { fallback }) };
  const explanation = useQuery({
    // Breakers open and close: an event about one makes what was said old.
    queryKey: [...keys.providers, "explain", routed],
    queryFn: () => answer(client.api.route.explain.$post({ json: { agent: routed } })),
    enabled: asked,
    staleTime: 0,
    placeholderData: (before) => before,
  });
  if (!asked) {
    return (
      <Button size="xs" variant="default" onClick={() => setAsked(true)}>
        What would happen now?
      </Button>
    );
  }
  return (
    <Loaded query={explanation} title="This could not be found out">
      {({ targets }) => (
        <ol className="sw-route" aria-label="Targets that would be tried now">
          {targets.map(({ provider: name, model: target, eligible, reason }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a target is its place in the order
            <li key={place} data-eligible={eligible}>
              {eligible ? (
                <IconCircleCheck size={16} role="img" aria-label="Would be tried" />
              ) : (
                <IconCircleMinus size={16} role="img" aria-label="Would not be tried" />
              )}
              <div>
                <ModelChip provider={name} model={target} />
                <p>{reason}</p>
              </div>
            </li>
          ))}
        </ol>
      )}
    </Loaded>
  );
}

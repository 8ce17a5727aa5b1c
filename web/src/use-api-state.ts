import { useEffect, useState } from "react";
import { createApiClient } from "../../src/api.client.ts";

/** Whether the API answers. `reason` is for people. */
export type ApiState =
  | { kind: "asking" }
  | { kind: "up"; version: string; simulated: boolean }
  | { kind: "down"; reason: string };

const client = createApiClient(location.origin);

/** Asks the API's health once, when the page opens. */
export function useApiState(): ApiState {
  const [state, setState] = useState<ApiState>({ kind: "asking" });
  useEffect(() => {
    let gone = false;
    const show = (next: ApiState) => {
      if (!gone) setState(next);
    };
    ask().then(show, (error: unknown) =>
      show({ kind: "down", reason: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      gone = true;
    };
  }, []);
  return state;
}

async function ask(): Promise<ApiState> {
  const response = await client.api.health.$get();
  if (!response.ok) return { kind: "down", reason: `it answered with status ${response.status}.` };
  const health = await response.json();
  return { kind: "up", version: health.version, simulated: health.simulatedProviders };
}

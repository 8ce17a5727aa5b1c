import { type ApiState, useApiState } from "./use-api-state.ts";

export function App() {
  return (
    <main>
      <h1>Swarm</h1>
      <p>
        Draw a graph of AI agents, commit it like code, and let it run by hand, on a schedule or from a webhook, with
        every call's cost accounted for.
      </p>
      <Status state={useApiState()} />
      <p>
        <a href="/api/docs">API reference</a>
      </p>
    </main>
  );
}

function Status({ state }: { state: ApiState }) {
  if (state.kind === "asking") {
    return (
      <p className="status" role="status">
        Asking the API …
      </p>
    );
  }
  if (state.kind === "down") {
    return (
      <p className="status failed" role="status">
        <span aria-hidden="true">✕</span> The API does not answer: {state.reason}
      </p>
    );
  }
  return (
    <p className="status succeeded" role="status">
      <span aria-hidden="true">✓</span> The API answers, version {state.version}
      {state.simulated ? ". Provider replies are simulated: no key is set." : "."}
    </p>
  );
}

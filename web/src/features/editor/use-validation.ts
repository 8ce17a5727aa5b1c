import { useEffect, useState } from "react";
import { answer } from "../../api/answer.ts";
import { ApiError } from "../../api/api-error.ts";
import { client } from "../../api/client.ts";
import type { Draft } from "./state/draft.ts";
import { type Fault, faultIn } from "./state/faults.ts";

const CHECK_AFTER_MS = 400;

/** What the last check found. `error`: it could not be made, and `faults` may be old. */
interface Checked {
  faults: readonly Fault[];
  error: unknown;
}

/** Has the API look at the draft as it is on screen, saved or not, a moment after it changed. Null before the first answer. */
export function useValidation(workflowId: string, draft: Draft): Checked | null {
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    let old = false;
    const check = async () => {
      const next = await validate(workflowId, draft);
      if (!old) setChecked((before) => ({ faults: next.faults ?? before?.faults ?? [], error: next.error }));
    };
    const timer = setTimeout(() => void check(), CHECK_AFTER_MS);
    return () => {
      old = true;
      clearTimeout(timer);
    };
  }, [workflowId, draft]);
  return checked;
}

async function validate(workflowId: string, draft: Draft): Promise<{ faults: Fault[] | null; error: unknown }> {
  const { nodes, edges, agents, settings } = draft;
  try {
    const { errors, warnings } = await answer(
      client.api.workflows[":id"].validate.$post({
        param: { id: workflowId },
        json: { definition: { nodes, edges, agents, settings } },
      }),
    );
    const faults = [
      ...errors.map((finding) => faultIn(draft, finding, "error")),
      ...warnings.map((finding) => faultIn(draft, finding, "warning")),
    ];
    return { faults, error: null };
  } catch (error) {
    // What cannot even be saved is said in the same way as what cannot be executed.
    if (!(error instanceof ApiError) || error.details.length === 0) return { faults: null, error };
    const faults = error.details.map(({ path, message }) =>
      faultIn(draft, { path: path.replace(/^definition\.?/, ""), message }, "error"),
    );
    return { faults, error: null };
  }
}

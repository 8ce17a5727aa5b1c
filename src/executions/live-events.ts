/** What watchers are told: ids, states and numbers, never prompts, inputs, outputs or log data. */
export type LiveEvent =
  | { type: "execution"; executionId: string; workflowId: string; status: string; at: string }
  | { type: "step"; executionId: string; nodeId: string; status: string; at: string }
  | { type: "log"; executionId: string; nodeId: string | null; level: string; message: string; at: string };

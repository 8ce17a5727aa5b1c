import { evaluateExpression, isTruthy } from "./expression.ts";
import { compileExpression } from "./expression-syntax.ts";
import { type Outputs, outputOf, parseJson } from "./render-template.ts";

export type ParsedCondition = { ok: true } | { ok: false; message: string };
export type ConditionResult = { ok: true; taken: boolean } | { ok: false; message: string };

/** What a condition on an edge looks at. */
export interface ConditionValues {
  /** The execution's input. */
  input: unknown;
  /** The text that the edge's source step answered. */
  output: string;
  /** The outputs of the source and its ancestors by node id. */
  steps: Outputs;
}

/** Whether this text is a condition, or why not. Total. */
export function parseCondition(text: string): ParsedCondition {
  const compiled = compileExpression(text);
  return compiled.ok ? { ok: true } : compiled;
}

/**
 * Evaluates an edge's condition: JMESPath over `{input, output, json, steps}`. `output` is the source step's text and
 * `json` the value of that text when it is JSON, else null, so that ``json.score > `5` `` works on an agent that answers
 * in JSON. `steps.NODE_ID.output` and `steps.NODE_ID.json` are the same of the source and of each ancestor that has an
 * output. The edge is taken when the result is truthy in JMESPath's sense: 0 is, an empty text or list is not. Total.
 */
export function evaluateCondition(text: string, values: ConditionValues): ConditionResult {
  const ids = values.steps instanceof Map ? [...values.steps.keys()] : Object.keys(values.steps);
  const steps = ids.map((id) => [id, stepValue(outputOf(values.steps, id) ?? "")]);
  const result = evaluateExpression(text, {
    input: values.input ?? null,
    ...stepValue(values.output),
    steps: Object.fromEntries(steps),
  });
  return result.ok ? { ok: true, taken: isTruthy(result.value) } : result;
}

function stepValue(output: string): { output: string; json: unknown } {
  return { output, json: parseJson(output) ?? null };
}

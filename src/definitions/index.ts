export { assertDefinitionSize, canonicalJson, contentHash, MAX_DEFINITION_BYTES } from "./canonical.ts";
export * from "./inputs.ts";
export {
  type ConditionResult,
  type ConditionValues,
  evaluateCondition,
  type ParsedCondition,
  parseCondition,
} from "./rules/condition.ts";
export { type ExpressionResult, evaluateExpression, isTruthy } from "./rules/expression.ts";
export { compileExpression, MAX_EXPRESSION_LENGTH } from "./rules/expression-syntax.ts";
export { ancestorsIn, ancestorsOf, type Graph, type GraphSource, graphOf, topologicalOrder } from "./rules/graph.ts";
export { checkInput, inputSchemaFaults } from "./rules/input-schema.ts";
export { type JsonLimits, jsonFault } from "./rules/json.ts";
export {
  MAX_RENDERED_BYTES,
  type Outputs,
  renderTemplate,
  TemplateTooLarge,
  type TemplateValues,
} from "./rules/render-template.ts";
export { stepsNamed, usesAllSteps } from "./rules/steps-named.ts";
export {
  parseTemplate,
  type Reference,
  type Template,
  type TemplateFault,
  type TemplatePart,
} from "./rules/template.ts";
export {
  type FaultCode,
  type Finding,
  type Validation,
  type ValidationContext,
  validateDefinition,
  type WarningCode,
} from "./rules/validate.ts";
export { Work } from "./rules/work.ts";

import { compileExpression, type ExpressionNode, partsOf } from "./expression-syntax.ts";

/**
 * The node ids that a condition names, each once, in the order of first mention: `steps.a.output`, `steps."my-node"`,
 * also behind `$.` or `@.`. What is computed (`steps.*`, `values(steps)`) names nobody; nor does a field `steps` of
 * something else, as in `json.items[?steps.a]`. Empty for a text that is no condition.
 */
export function stepsNamed(text: string): string[] {
  const compiled = compileExpression(text);
  if (!compiled.ok) return [];
  const found = new Set<string>();
  collect(compiled.ast, true, found);
  return [...found];
}

/** `atRoot`: whether `steps` here means the condition's own. Recursion is bounded by the limit on an expression's parts. */
function collect(node: ExpressionNode, atRoot: boolean, found: Set<string>): void {
  switch (node.type) {
    case "Subexpression":
      if (node.right.type === "Field" && isSteps(node.left, atRoot)) found.add(node.right.name);
      collect(node.left, atRoot, found);
      collect(node.right, isWhole(node.left, atRoot), found);
      return;
    case "Pipe":
      collect(node.left, atRoot, found);
      collect(node.right, isWhole(node.left, atRoot), found);
      return;
    case "FilterProjection":
      collect(node.left, atRoot, found);
      collect(node.condition, false, found);
      collect(node.right, false, found);
      return;
    case "Projection":
    case "ValueProjection":
    case "IndexExpression":
      collect(node.left, atRoot, found);
      collect(node.right, false, found);
      return;
    case "ExpressionReference":
      collect(node.child, false, found);
      return;
    default:
      for (const part of partsOf(node)) collect(part, atRoot, found);
  }
}

function isSteps(node: ExpressionNode, atRoot: boolean): boolean {
  if (node.type === "Field") return atRoot && node.name === "steps";
  return (
    node.type === "Subexpression" &&
    isWhole(node.left, atRoot) &&
    node.right.type === "Field" &&
    node.right.name === "steps"
  );
}

/** Whether an expression is the whole value that the condition looks at. */
function isWhole(node: ExpressionNode, atRoot: boolean): boolean {
  return node.type === "Root" || (atRoot && (node.type === "Current" || node.type === "Identity"));
}

/**
 * Whether a condition may look at other steps than those that it names: `steps.*`, `keys(steps)`, `to_string(@)`.
 * Errs on the side of yes, where telling would need the values. False for a text that is no condition.
 */
export function usesAllSteps(text: string): boolean {
  const compiled = compileExpression(text);
  return compiled.ok && usesAll(compiled.ast, true, false);
}

/** `fieldTaken`: whether only one named field of this value goes on. */
function usesAll(node: ExpressionNode, atRoot: boolean, fieldTaken: boolean): boolean {
  if (isSteps(node, atRoot) || isWhole(node, atRoot)) return !fieldTaken;
  switch (node.type) {
    case "Subexpression":
      return (
        usesAll(node.left, atRoot, node.right.type === "Field") ||
        usesAll(node.right, isWhole(node.left, atRoot), false)
      );
    case "Pipe": {
      const whole = isWhole(node.left, atRoot);
      return (!whole && usesAll(node.left, atRoot, false)) || usesAll(node.right, whole, false);
    }
    case "FilterProjection":
      return (
        usesAll(node.left, atRoot, false) || usesAll(node.condition, false, false) || usesAll(node.right, false, false)
      );
    case "Projection":
    case "ValueProjection":
    case "IndexExpression":
      return usesAll(node.left, atRoot, false) || usesAll(node.right, false, false);
    case "ExpressionReference":
      return usesAll(node.child, false, false);
    default:
      return partsOf(node).some((part) => usesAll(part, atRoot, false));
  }
}

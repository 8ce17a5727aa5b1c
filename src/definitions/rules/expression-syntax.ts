import { compile, TreeInterpreter } from "@jmespath-community/jmespath";

export const MAX_EXPRESSION_LENGTH = 1_000;
export const MAX_EXPRESSION_NODES = 200;

/** JMESPath reads `!json.done` as `(!json).done`, a field of true or false: always null, so the edge would never be taken. */
const NOT_TOO_EARLY = "JMESPath reads !a.b as (!a).b, which is always null. Write !(a.b) instead.";

/** A compiled JMESPath expression. */
export type ExpressionNode = ReturnType<typeof compile>;

export type CompiledExpression = { ok: true; ast: ExpressionNode } | { ok: false; message: string };

/**
 * Compiles JMESPath (the community edition: arithmetic, ternary, string functions). Refused, besides what is not
 * JMESPath: texts over 1,000 characters or 200 parts, unknown functions, `!a.b`, and variables (`let $a = ...`), which
 * the library loses inside function arguments. Total.
 */
export function compileExpression(text: string): CompiledExpression {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    return { ok: false, message: `The expression is longer than ${MAX_EXPRESSION_LENGTH} characters.` };
  }
  if (text.trim() === "") return { ok: false, message: "The expression is empty." };
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  let count = 0;
  for (const node of nodesOf(parsed.ast)) {
    count += 1;
    if (count > MAX_EXPRESSION_NODES) {
      return { ok: false, message: `The expression has more than ${MAX_EXPRESSION_NODES} parts. Split it up.` };
    }
    const message = nodeFault(node);
    if (message !== null) return { ok: false, message };
  }
  return parsed;
}

function parse(text: string): CompiledExpression {
  try {
    return { ok: true, ast: compile(text) };
  } catch (error) {
    // The library reads past its last token when an expression breaks off, and then names its own internals.
    const incomplete = error instanceof TypeError || !(error instanceof Error);
    return { ok: false, message: incomplete ? "The expression breaks off: something is missing." : error.message };
  }
}

function nodeFault(node: ExpressionNode): string | null {
  switch (node.type) {
    case "Function": {
      const entry = TreeInterpreter.runtime._functionTable;
      return Object.hasOwn(entry, node.name) ? null : `There is no function ${node.name}() in JMESPath.`;
    }
    case "LetExpression":
    case "Binding":
    case "Variable":
      return "Variables cannot be used here. To compare two values write == (one = assigns).";
    case "Subexpression":
    case "ValueProjection":
    case "FilterProjection":
      return node.left.type === "NotExpression" ? NOT_TOO_EARLY : null;
    case "Flatten":
      return node.child.type === "NotExpression" ? NOT_TOO_EARLY : null;
    default:
      return null;
  }
}

/** The expression itself and every part of it. */
export function* nodesOf(ast: ExpressionNode): Generator<ExpressionNode> {
  const open = [ast];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    open.push(...partsOf(node));
  }
}

/** The parts that an expression is directly made of. */
export function partsOf(node: ExpressionNode): ExpressionNode[] {
  switch (node.type) {
    case "Ternary":
      return [node.condition, node.trueExpr, node.falseExpr];
    case "FilterProjection":
      return [node.left, node.condition, node.right];
    case "IndexExpression":
    case "Subexpression":
    case "Projection":
    case "ValueProjection":
    case "AndExpression":
    case "OrExpression":
    case "Pipe":
    case "Arithmetic":
    case "Comparator":
      return [node.left, node.right];
    case "Flatten":
    case "NotExpression":
    case "ExpressionReference":
      return [node.child];
    case "Unary":
      return [node.operand];
    case "MultiSelectList":
    case "Function":
      return node.children;
    case "MultiSelectHash":
      return node.children.map((member) => member.value);
    case "LetExpression":
      return [...node.bindings, node.expression];
    case "Binding":
      return [node.reference];
    case "Variable":
    case "Field":
    case "Literal":
    case "Index":
    case "Slice":
    case "Identity":
    case "Current":
    case "Root":
      return [];
  }
}

import { type JSONValue, TreeInterpreter } from "@jmespath-community/jmespath";
import { errorText } from "../../core/errors.ts";
import { compare } from "./expression-compare.ts";
import { callWithin } from "./expression-functions.ts";
import { compileExpression } from "./expression-syntax.ts";
import { Work } from "./work.ts";

export type ExpressionResult = { ok: true; value: JSONValue } | { ok: false; message: string };

/**
 * Evaluates JMESPath on a JSON value. Total: what fails is a message, and an expression that would keep the Worker busy
 * or fill its memory (filters inside filters, texts that double) is stopped after a fixed amount of work, which several
 * expressions may share.
 */
export function evaluateExpression(text: string, data: unknown, work = new Work()): ExpressionResult {
  const compiled = compileExpression(text);
  if (!compiled.ok) return compiled;
  if (!isJsonValue(data)) return { ok: false, message: "The value to look at is not JSON." };
  try {
    const value = meteredInterpreter(work).search(compiled.ast, data) ?? null;
    // A result may hold one part many times over: whoever writes it out as JSON must not pay for what was not counted.
    work.walk(value);
    return { ok: true, value };
  } catch (error) {
    const internal = error instanceof TypeError || error instanceof RangeError;
    return { ok: false, message: internal ? "The expression does not fit the value it was given." : errorText(error) };
  }
}

/** JMESPath's own sense of true: everything but null, false and empty texts, arrays and objects. So 0 is true. */
export function isTruthy(value: JSONValue): boolean {
  if (typeof value === "number") return true;
  if (value === null || typeof value !== "object") return Boolean(value);
  return Object.keys(value).length > 0;
}

function isJsonValue(value: unknown): value is JSONValue {
  const open = [value];
  while (open.length > 0) {
    const part = open.pop();
    if (part === null || typeof part === "string" || typeof part === "number" || typeof part === "boolean") continue;
    if (typeof part !== "object") return false;
    for (const member of Object.values(part)) open.push(member);
  }
  return true;
}

type Interpreter = typeof TreeInterpreter;

/**
 * An interpreter of our own that pays for what it does. The library shares one between all who use it, and its class is
 * reached only through that one.
 */
function meteredInterpreter(work: Work): Interpreter {
  const made: unknown = Reflect.construct(TreeInterpreter.constructor, []);
  if (!isInterpreter(made)) throw new TypeError("the JMESPath library no longer makes interpreters this way");
  const visit = made.visit.bind(made);
  const call = made.runtime.callFunction.bind(made.runtime);
  made.runtime.callFunction = (name, args) => callWithin(work, name, args, call);
  // Data can pose as a `let` expression when it is handed to map(): the scope's interpreter would not pay.
  made.withScope = () => {
    throw new Error("Variables cannot be used here.");
  };
  made.visit = (node, value) => {
    work.spend(1);
    switch (node.type) {
      case "Field":
        // The library looks names up along the prototype: `json.constructor` would be there, and true.
        return typeof value === "object" && value !== null && Object.hasOwn(value, node.name)
          ? visit(node, value)
          : null;
      case "Comparator":
        return compare(node.name, made.visit(node.left, value), made.visit(node.right, value), work);
      case "Flatten": {
        // Flattening a list of two copies doubles it, so it is paid for before it is made.
        const items = made.visit(node.child, value);
        if (Array.isArray(items)) for (const item of items) work.spend(Array.isArray(item) ? item.length : 1);
        return visit({ type: "Flatten", child: { type: "Current" } }, items);
      }
      case "Slice":
        if (typeof value === "string" || Array.isArray(value)) work.spend(value.length / 4);
        return visit(node, value);
      default:
        return visit(node, value);
    }
  };
  return made;
}

function isInterpreter(value: unknown): value is Interpreter {
  return value instanceof TreeInterpreter.constructor;
}

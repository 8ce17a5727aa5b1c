/** One line of the Worker's console. */
export interface WorkerLine {
  level: string;
  /** Which part speaks, "Worker" where the line does not say. */
  component: string;
  message: string;
  fields: Record<string, unknown>;
}

/** Reads a console line: the Worker's logger writes JSON, while libraries and the runtime write plain text. */
export function parseWorkerLine(level: string, text: string): WorkerLine {
  const plain = { level, component: "Worker", message: text, fields: {} };
  if (!text.startsWith("{")) return plain;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return plain;
    throw error;
  }
  if (typeof parsed !== "object" || parsed === null) return plain;
  const { level: own, component, message, ...fields } = { level, component: "Worker", message: text, ...parsed };
  return { level: String(own), component: String(component), message: String(message), fields };
}

/** `12:03:44 error Api        no such table: x (requestId=…)` */
export function formatWorkerLine(line: WorkerLine, at: Date): string {
  const fields = Object.entries(line.fields).map(([name, value]) => `${name}=${String(value)}`);
  const suffix = fields.length > 0 ? ` (${fields.join(" ")})` : "";
  const time = at.toTimeString().slice(0, 8);
  return `${time} ${line.level.padEnd(5)} ${line.component.padEnd(10)} ${line.message}${suffix}`;
}

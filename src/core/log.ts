export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a structured log line may carry: ids, states and numbers, never prompts, secrets or request bodies. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Writes structured lines, each with the component that speaks. */
export interface Logger {
  log(level: LogLevel, component: string, message: string, fields?: LogFields): void;
}

/** One JSON object a line on the console, which Workers Logs indexes by field. */
export const consoleLogger: Logger = {
  log(level, component, message, fields = {}) {
    // biome-ignore lint/suspicious/noConsole: the console is where a Worker's log goes
    console[level](JSON.stringify({ level, component, message, ...fields }));
  },
};

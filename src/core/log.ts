import { isSampled } from "./sampling.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** `debug` is for what happens with every request and every execution: such lines are sampled. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** The parts that speak in the log, by the names that docs/troubleshooting.md looks them up with. */
export const COMPONENTS = [
  "Api",
  "Auth",
  "CircuitBreaker",
  "CostTracker",
  "Cron",
  "Engine",
  "Fallback",
  "Health",
  "LiveFeed",
  "Scheduler",
  "Transfer",
  "Webhook",
] as const;
export type Component = (typeof COMPONENTS)[number];

/** What a structured log line may carry: ids, states and numbers, never prompts, secrets or request bodies. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Writes structured lines, each with the component that speaks. */
export interface Logger {
  log(level: LogLevel, component: Component, message: string, fields?: LogFields): void;
}

interface LogOptions {
  /** Stands in every line: the id of the request, queue message or batch, or run of the cron. */
  requestId: string;
  /** Of 100 executions (or requests, where a line is about none) so many have their `debug` lines written. */
  samplePercent?: number;
}

const MAX_MESSAGE = 2_000;

/**
 * One JSON object a line on the console, which Workers Logs indexes by field. All `debug` lines of one execution are
 * written or none, whichever machine writes them. What looks like a secret is taken out of every text: errors of others
 * may quote one.
 *
 * No line is without a request's id: Durable Objects, which do not know one, tell whoever asked them what there is to
 * log. An `executionId` stands in each line that is about one execution. It is missing where there is none (accounts,
 * transfer, a refused webhook, a message that names no step), where none was begun (schedules), and where a line is about
 * several: a breaker and its counts, a budget, a page of a dispatch, events or calls that were gathered.
 */
export function openLog({ requestId, samplePercent = 0 }: LogOptions): Logger {
  return {
    log(level, component, message, fields = {}) {
      if (level === "debug" && !isSampled(String(fields.executionId ?? requestId), samplePercent)) return;
      const texts = Object.entries({ requestId, ...fields }).map(([name, value]) => [
        name,
        typeof value === "string" ? withoutSecrets(value) : value,
      ]);
      const said = withoutSecrets(message).slice(0, MAX_MESSAGE);
      // biome-ignore lint/suspicious/noConsole: the console is where a Worker's log goes
      console[level](JSON.stringify({ level, component, message: said, ...Object.fromEntries(texts) }));
    },
  };
}

/** The same log with these fields in each line as well, for what does not know what it works for. */
export function logAbout({ log }: Logger, about: LogFields): Logger {
  return { log: (level, component, message, fields) => log(level, component, message, { ...about, ...fields }) };
}

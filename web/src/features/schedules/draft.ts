import type { NewSchedule, Schedule } from "./queries.ts";
import { isoOfField, localField } from "./zone-time.ts";

/** What the form holds of a schedule, its input aside: numbers and times are texts while they are typed. */
export interface Draft {
  starts: "times" | "after";
  cronExpression: string;
  timezone: string;
  after: string | null;
  version: string;
  overlap: Schedule["overlap"];
  catchUp: Schedule["catchUp"];
  gap: Schedule["dst"]["gap"] | "suited";
  repeated: Schedule["dst"]["overlap"] | "suited";
  startAt: string;
  endAt: string;
  jitterSeconds: string;
  conditionWorkflow: string | null;
  condition: string;
  pauseAfterFailures: string;
  maxRetries: string;
  retryDelaySeconds: string;
}

/** A schedule that is only being made. */
export function newDraft(timezone: string): Draft {
  return {
    starts: "times",
    cronExpression: "0 9 * * *",
    timezone,
    after: null,
    version: "",
    overlap: "skip",
    catchUp: "once",
    gap: "suited",
    repeated: "suited",
    startAt: "",
    endAt: "",
    jitterSeconds: "0",
    conditionWorkflow: null,
    condition: "",
    pauseAfterFailures: "10",
    maxRetries: "0",
    retryDelaySeconds: "60",
  };
}

/** What the form shows of a schedule that there is. */
export function draftOf(schedule: Schedule): Draft {
  return {
    starts: schedule.after === null ? "times" : "after",
    cronExpression: schedule.cronExpression ?? "0 9 * * *",
    timezone: schedule.timezone,
    after: schedule.after?.workflowId ?? null,
    version: schedule.version === null ? "" : String(schedule.version),
    overlap: schedule.overlap,
    catchUp: schedule.catchUp,
    gap: schedule.dst.gap,
    repeated: schedule.dst.overlap,
    startAt: localField(schedule.startAt),
    endAt: localField(schedule.endAt),
    jitterSeconds: String(schedule.jitterSeconds),
    conditionWorkflow: schedule.condition?.workflowId ?? null,
    condition: schedule.condition?.expression ?? "",
    pauseAfterFailures: schedule.pauseAfterFailures === null ? "" : String(schedule.pauseAfterFailures),
    maxRetries: String(schedule.maxRetries),
    retryDelaySeconds: String(schedule.retryDelaySeconds),
  };
}

/** The body of a request that saves a draft. What is no number goes as it is, for the server to say so at its field. */
export function bodyOf(draft: Draft, input: unknown): NewSchedule {
  const expression = draft.condition.trim();
  const version = draft.version.trim();
  return {
    ...(draft.starts === "times"
      ? { cronExpression: draft.cronExpression.trim(), after: null }
      : { cronExpression: null, after: { workflowId: draft.after ?? "" } }),
    timezone: draft.timezone,
    version: version === "" ? null : /^\d+$/.test(version) ? Number(version) : version,
    overlap: draft.overlap,
    catchUp: draft.catchUp,
    dst: dstOf(draft),
    startAt: isoOfField(draft.startAt),
    endAt: isoOfField(draft.endAt),
    jitterSeconds: numberOf(draft.jitterSeconds, 0),
    condition:
      expression === ""
        ? null
        : { expression, ...(draft.conditionWorkflow === null ? {} : { workflowId: draft.conditionWorkflow }) },
    pauseAfterFailures: draft.pauseAfterFailures.trim() === "" ? null : numberOf(draft.pauseAfterFailures, 10),
    maxRetries: numberOf(draft.maxRetries, 0),
    retryDelaySeconds: numberOf(draft.retryDelaySeconds, 60),
    input: input ?? null,
  };
}

/** The policy for clock changes: null where it follows the expression. */
export function dstOf({ gap, repeated }: Pick<Draft, "gap" | "repeated">): NonNullable<NewSchedule["dst"]> {
  return { gap: gap === "suited" ? null : gap, overlap: repeated === "suited" ? null : repeated };
}

/** An empty field is its default. */
function numberOf(text: string, otherwise: number): number {
  return text.trim() === "" ? otherwise : Number(text);
}

import { describe, expect, test } from "vitest";
import { chunked } from "../../../src/executions/rules/chunked.ts";
import { inTurns } from "../../../src/schedules/rules/in-turns.ts";
import { looksAtOutput } from "../../../src/schedules/rules/looks-at-output.ts";
import { WAITS } from "../../../src/schedules/rules/plan-due.ts";
import { type DueRun, planStarts } from "../../../src/schedules/rules/plan-starts.ts";
import { type EndedRun, settleRun } from "../../../src/schedules/rules/settle-run.ts";

function run(over: Partial<DueRun> = {}): DueRun {
  return { scheduleId: "s", attempt: 1, waits: WAITS.never, overlap: "skip", busy: false, othersWait: false, ...over };
}
const actions = (...runs: DueRun[]) => planStarts(runs).map(({ action }) => action);

describe("pending runs whose time has come", () => {
  test("of one schedule one begins, and the others are skipped or wait as they are meant to", () => {
    expect(actions(run(), run())).toEqual(["start", "skip"]);
    expect(actions(run(), run({ waits: WAITS.always }), run({ waits: WAITS.always }))).toEqual([
      "start",
      "wait",
      "wait",
    ]);
    expect(actions(run(), run({ waits: WAITS.alone }), run({ waits: WAITS.alone }))).toEqual(["start", "wait", "skip"]);
    expect(actions(run(), run({ scheduleId: "other" }))).toEqual(["start", "start"]);
  });

  test("none begins beside an open one, and only one stands in line behind it", () => {
    expect(actions(run({ busy: true }))).toEqual(["skip"]);
    expect(actions(run({ busy: true, waits: WAITS.alone }))).toEqual(["wait"]);
    expect(actions(run({ busy: true, waits: WAITS.alone, othersWait: true }))).toEqual(["skip"]);
    expect(actions(run({ busy: true, waits: WAITS.always, othersWait: true }))).toEqual(["wait"]);
  });

  test("all begin where they may overlap, and a retry begins always", () => {
    const beside = run({ overlap: "allow", busy: true });
    expect(actions(beside, beside)).toEqual(["start", "start"]);
    expect(actions(run({ attempt: 2, busy: true }))).toEqual(["start"]);
  });
});

function ended(over: Partial<EndedRun> = {}, schedule: Partial<EndedRun["schedule"]> = {}): EndedRun {
  const plain = {
    enabled: true,
    ended: false,
    maxRetries: 2,
    retryDelaySeconds: 60,
    failures: 4,
    pauseAfterFailures: 10,
  };
  return {
    status: "failed",
    attempt: 1,
    started: true,
    endedAt: 1_000_000,
    ...over,
    schedule: { ...plain, ...schedule },
  };
}

describe("a run that has ended", () => {
  test("is tried again as often as allowed, each time after twice as long, a day at most", () => {
    const dueIn = (attempt: number, retryDelaySeconds = 60) => {
      const settled = settleRun(ended({ attempt }, { maxRetries: 10, retryDelaySeconds }));
      return settled.kind === "retry" ? (settled.dueAt - 1_000_000) / 1_000 : null;
    };
    expect([1, 2, 3, 10, 11].map((attempt) => dueIn(attempt))).toEqual([60, 120, 240, 30_720, null]);
    expect(dueIn(5, 80_000)).toBe(86_400);
  });

  test("is not tried again when nothing was started, or somebody paused the schedule; a schedule that ended still does", () => {
    expect(settleRun(ended({ started: false })).kind).toBe("done");
    expect(settleRun(ended({}, { enabled: false })).kind).toBe("done");
    expect(settleRun(ended({}, { enabled: false, ended: true })).kind).toBe("retry");
  });

  test("counts its failure once its attempts are used up, a success counts from none, a cancel counts nothing", () => {
    expect(settleRun(ended({ attempt: 3 }))).toEqual({ kind: "done", failures: 5, pause: false });
    expect(settleRun(ended({ status: "succeeded" }))).toEqual({ kind: "done", failures: 0, pause: false });
    expect(settleRun(ended({ status: "cancelled" }))).toEqual({ kind: "done", failures: 4, pause: false });
  });

  test("pauses its schedule at the limit, not before, never at 0, and not one that is disabled already", () => {
    const pauses = (failures: number, over: Partial<EndedRun["schedule"]> = {}) => {
      const settled = settleRun(ended({ attempt: 3 }, { failures, ...over }));
      return settled.kind === "done" && settled.pause;
    };
    expect([8, 9, 10].map((failures) => pauses(failures))).toEqual([false, true, true]);
    expect(pauses(50, { pauseAfterFailures: 0 })).toBe(false);
    expect(pauses(9, { enabled: false })).toBe(false);
  });
});

test("a list is cut where either limit would be passed, and nothing is left out", () => {
  const sizes = [3, 3, 3, 11, 1, 9].map((rows) => ({ rows, bytes: rows * 10 }));
  const cut = (rows: number, bytes: number) =>
    chunked(sizes, (size) => size, { rows, bytes }).map((chunk) => chunk.map((size) => size.rows));
  expect(cut(10, 1_000)).toEqual([[3, 3, 3], [11], [1, 9]]);
  expect(cut(1_000, 60)).toEqual([[3, 3], [3], [11], [1], [9]]);
  expect(chunked([], () => ({ rows: 1 }), { rows: 1 })).toEqual([]);
});

test("owners take turns, each in its own order, and nothing is left out", () => {
  const turns = inTurns(["a1", "a2", "a3", "b1", "c1", "b2"], (item) => item.charAt(0));
  expect(turns).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
  expect(inTurns([], String)).toEqual([]);
});

test("a condition is said to look at the output unless it surely does not", () => {
  const cheap = [
    "last.status == 'succeeded'",
    "last.ageSeconds < `600` && last . trigger == 'webhook'",
    "scheduledFor",
  ];
  expect(cheap.filter(looksAtOutput)).toEqual([]);
  const costly = ["last.output", "last", "!last", "last | output", "@.last", "*.output", '"last"', "last.[id, output]"];
  const others = ["values(@)", "last.idOrOutput", "last.{a: output}", "last.status == 'x' && last.output"];
  expect([...costly, ...others].filter((expression) => !looksAtOutput(expression))).toEqual([]);
});

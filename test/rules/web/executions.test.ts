import { describe, expect, it } from "vitest";
import { patched } from "../../../web/src/features/executions/live-patch.ts";
import type { ExecutionDetail, Step } from "../../../web/src/features/executions/queries.ts";
import { edgeMarks, nodeMarks } from "../../../web/src/features/executions/run-marks.ts";
import { initialValues, inputFields, inputOf } from "../../../web/src/lib/input-fields.ts";
import { endOfDay, startOfDay } from "../../../web/src/lib/local-day.ts";
import { safeLink } from "../../../web/src/lib/safe-link.ts";
import { barOf, ticksOf, timelineRange } from "../../../web/src/lib/timeline.ts";
import { graphOf } from "../../support/workflows.ts";

describe("links in what agents write", () => {
  it.each([
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "blob:https://swarm.test/1",
    "/settings",
    "//evil.example",
    "#top",
    "",
  ])("%j is not followed", (address) => {
    expect(safeLink(address)).toBeNull();
  });

  it.each(["https://example.com/a?b#c", "http://example.com/", "mailto:ada@example.com"])("%s is", (address) => {
    expect(safeLink(address)).toBe(address);
  });
});

describe("the timeline", () => {
  it("reaches to the latest time that the server told when the viewer's clock is behind", () => {
    expect(timelineRange(1_000, null, [1_500, 4_000], 900)).toEqual({ from: 1_000, to: 4_000 });
  });

  it("is never empty, so that nothing is divided by zero", () => {
    expect(timelineRange(1_000, 1_000, [], 0)).toEqual({ from: 1_000, to: 1_001 });
  });

  it("keeps a bar in sight that took no time at its very end, and cuts off what began before it", () => {
    expect(barOf(0, 1_000, 1_000)).toEqual({
      left: "min(100% * 1000 / var(--sw-span), 99.6%)",
      width: "max(100% * 0 / var(--sw-span), 0.4%)",
    });
    expect(barOf(1_000, 0, 1_500)).toEqual({
      left: "min(100% * 0 / var(--sw-span), 99.6%)",
      width: "max(100% * 500 / var(--sw-span), 0.4%)",
    });
  });

  it.each([1, 7, 999, 1_000, 61_000, 86_400_000])("has two to seven lines over %i ms, evenly spaced", (length) => {
    const ticks = ticksOf({ from: 5, to: 5 + length });
    expect(ticks[0]).toEqual({ left: 0, ms: 0 });
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(7);
    expect(ticks.at(-1)?.left).toBeLessThanOrEqual(100);
  });
});

describe("days of the filters", () => {
  it("go from midnight to midnight of the viewer, however long that day is", () => {
    const [first, last] = [startOfDay("2026-03-29"), endOfDay("2026-03-29")];
    expect(first === null ? null : new Date(first).getHours()).toBe(0);
    expect(last === null ? null : last + 1).toBe(startOfDay("2026-03-30"));
  });

  it("are none when they are no dates", () => {
    expect(startOfDay("soon")).toBeNull();
  });
});

describe("the form of an input", () => {
  const schema = {
    type: "object",
    required: ["topic", "words"],
    properties: {
      topic: { type: "string", title: "Topic" },
      words: { type: "integer", default: 300 },
      tone: { enum: ["plain", "warm"] },
      draft: { type: "boolean" },
    },
  };
  const fields = inputFields(schema) ?? [];

  it("has a field for each property of a simple schema", () => {
    expect(fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
      ["topic", "text", true],
      ["words", "integer", true],
      ["tone", "choice", false],
      ["draft", "switch", false],
    ]);
  });

  it.each([
    undefined,
    { type: "string" },
    { type: "object" },
    { type: "object", properties: { list: { type: "array" } } },
    { type: "object", properties: { any: { enum: [1, "one"] } } },
  ])("is not made of %j", (other) => {
    expect(inputFields(other)).toBeNull();
  });

  it("makes values of their types, and leaves out what was left empty", () => {
    const values = { ...initialValues(fields, { topic: "Tea" }), draft: true };
    expect(inputOf(fields, values)).toEqual({ input: { topic: "Tea", words: 300, draft: true }, faults: {} });
  });

  it("says which field is wrong", () => {
    const { faults } = inputOf(fields, { topic: " ", words: "1.5", tone: "", draft: false });
    expect(Object.keys(faults)).toEqual(["topic", "words"]);
  });
});

describe("an execution under way", () => {
  const AT = "2026-11-22T10:00:00.000Z";
  const step = (fields: Partial<Step>): Step => ({
    nodeId: "a",
    agentId: "agent-a",
    name: "a",
    status: "ready",
    attempts: 0,
    output: null,
    outputTruncated: false,
    error: null,
    provider: null,
    model: null,
    fallbackUsed: false,
    reused: false,
    edgesTaken: null,
    inputTokens: 0,
    outputTokens: 0,
    costNanoUsd: 0,
    costUsd: "0",
    startedAt: null,
    completedAt: null,
    ...fields,
  });
  const execution = (fields: Partial<ExecutionDetail>): ExecutionDetail => ({
    id: "x",
    workflowId: "w",
    versionId: "v",
    version: 1,
    status: "running",
    trigger: { type: "manual", id: null },
    retryOf: null,
    reusedSteps: 0,
    imported: false,
    createdAt: AT,
    startedAt: AT,
    completedAt: null,
    durationMs: null,
    inputTokens: 0,
    outputTokens: 0,
    costNanoUsd: 0,
    costUsd: "0",
    unpricedCalls: 0,
    input: null,
    output: null,
    outputTruncated: false,
    error: null,
    steps: [step({})],
    ...fields,
  });
  const told = (status: string) => ({ type: "step", executionId: "x", nodeId: "a", status, at: AT }) as const;

  it("shows a step as running from the moment that it is told", () => {
    expect(patched(execution({}), told("running")).steps[0]).toMatchObject({ status: "running", startedAt: AT });
  });

  it("does not take a step back that has ended when an older event comes late", () => {
    const before = execution({ steps: [step({ status: "succeeded", startedAt: AT, completedAt: AT })] });
    expect(patched(before, told("running"))).toBe(before);
  });

  it("is left as it is by events of others, and by states that it does not know", () => {
    const before = execution({});
    expect(patched(before, { ...told("running"), executionId: "y" })).toBe(before);
    expect(patched(before, told("dreaming"))).toBe(before);
  });

  describe("on its graph", () => {
    const { edges } = graphOf(["a>b", "a>c", "b>d", "c>d"]);
    const runs = (...steps: Partial<Step>[]) =>
      Object.fromEntries(Object.entries(edgeMarks(edges, steps.map(step))).map(([id, mark]) => [id, mark.run]));

    it("goes along the edges that were taken, and to what runs now", () => {
      const a: Partial<Step> = { nodeId: "a", status: "succeeded", edgesTaken: ["e0"] };
      expect(
        runs(a, { nodeId: "b", status: "running", startedAt: AT }, { nodeId: "c", status: "skipped" }, { nodeId: "d" }),
      ).toEqual({ e0: "running", e1: "skipped", e3: "skipped" });
    });

    it("says nothing of an edge whose step's end was told and not yet where it led", () => {
      const a: Partial<Step> = { nodeId: "a", status: "succeeded", edgesTaken: null };
      expect(
        runs(a, { nodeId: "b", status: "running", startedAt: AT }, { nodeId: "c", status: "pending" }, { nodeId: "d" }),
      ).toEqual({
        e0: "running",
      });
    });

    it("shows what a step took once it has ended, and no time of what was taken over", () => {
      const later = "2026-11-22T10:00:01.500Z";
      const marks = nodeMarks([
        step({ nodeId: "a", status: "succeeded", startedAt: AT, completedAt: later, costNanoUsd: 5 }),
        step({ nodeId: "b", status: "succeeded", startedAt: AT, completedAt: later, reused: true }),
        step({ nodeId: "c", status: "running", startedAt: AT }),
      ]);
      expect(marks).toEqual({
        a: { status: "succeeded", durationMs: Date.parse(later) - Date.parse(AT), costNanoUsd: 5 },
        b: { status: "succeeded" },
        c: { status: "running" },
      });
    });
  });
});

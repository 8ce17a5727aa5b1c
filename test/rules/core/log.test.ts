import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { logAbout, openLog } from "../../../src/core/log.ts";
import { isSampled } from "../../../src/core/sampling.ts";
import { withoutSecrets } from "../../../src/core/without-secrets.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

describe("a log", () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    for (const level of ["debug", "info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((...args) => void lines.push(args.join(" ")));
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("writes one JSON object a line, with level, component and the request's id", () => {
    const log = openLog({ requestId: "r1" });
    log.log("warn", "Engine", 'two\nlines and a "quote"', { executionId: "e1", retryOf: undefined, costs: null, n: 2 });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: "warn",
        component: "Engine",
        message: 'two\nlines and a "quote"',
        requestId: "r1",
        executionId: "e1",
        costs: null,
        n: 2,
      },
    ]);
    expect(lines[0]).not.toContain("\n");
  });

  test("tells what it is about in each line of those who do not know it", () => {
    const log = logAbout(openLog({ requestId: "r1" }), { executionId: "e1", nodeId: "a" });
    log.log("warn", "Engine", "one");
    log.log("warn", "Engine", "two", { nodeId: "b" });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: "one", requestId: "r1", executionId: "e1", nodeId: "a" },
      { message: "two", requestId: "r1", executionId: "e1", nodeId: "b" },
    ]);
  });

  test("holds no secret and no end, whatever an error quotes", () => {
    openLog({ requestId: "r1" }).log("error", "Api", `${"x".repeat(5_000)}`, {
      path: "/api/webhooks/trigger/w1/a-secret?wait=5",
    });
    expect(lines[0]).not.toContain("a-secret");
    expect(lines[0]?.length).toBeLessThan(2_200);
  });

  test("samples what is chatty: of an execution all lines or none, and never a fault", () => {
    const [written = "", left = ""] = [true, false].map((wanted) =>
      Array.from({ length: 200 }, (_, n) => `execution-${n}`).find((id) => isSampled(id, 10) === wanted),
    );
    for (const requestId of ["one", "another"]) {
      const log = openLog({ requestId, samplePercent: 10 });
      for (const executionId of [written, left]) {
        log.log("debug", "Engine", "execution started", { executionId });
        log.log("info", "Engine", "execution failed", { executionId });
      }
    }
    const told = lines.map((line) => JSON.parse(line)).map(({ level, executionId }) => `${level} ${executionId}`);
    expect(told.filter((line) => line === `debug ${written}`)).toHaveLength(2);
    expect(told.filter((line) => line === `debug ${left}`)).toHaveLength(0);
    expect(told.filter((line) => line.startsWith("info"))).toHaveLength(4);
    // What is about no execution goes by its request.
    for (const requestId of [written, left]) openLog({ requestId, samplePercent: 10 }).log("debug", "Api", "answered");
    expect(lines.filter((line) => line.includes("answered")).map((line) => JSON.parse(line).requestId)).toEqual([
      written,
    ]);
  });
});

test("a share of all ids is sampled, the same for each percentage and more for a larger one", () => {
  const ids = Array.from({ length: 20_000 }, () => crypto.randomUUID());
  for (const percent of [0, 1, 10, 50, 100]) {
    const share = (100 * ids.filter((id) => isSampled(id, percent)).length) / ids.length;
    expect(Math.abs(share - percent)).toBeLessThan(1.5);
  }
  expect(ids.filter((id) => isSampled(id, 10) && !isSampled(id, 20))).toEqual([]);
});

test.each([
  ["Incorrect API key provided: sk-proj-abcdefghij.", "Incorrect API key provided: sk-…."],
  ["Authorization: Bearer swarm_0123456789abcdef, twice", "Authorization: Bearer …, twice"],
  ["a key swarm_0123456789abcdef here", "a key swarm_… here"],
  [
    "GET https://x.test/api/webhooks/trigger/w1/secret?wait=1 failed",
    "GET https://x.test/api/webhooks/trigger/… failed",
  ],
  ["https://x.test/v1beta/models?key=AIzaSyABCDEFGH&alt=sse", "https://x.test/v1beta/models?key=…&alt=sse"],
  [
    "nothing of the kind: sk-1, task-force, /api/webhooks/w1/calls",
    "nothing of the kind: sk-1, task-force, /api/webhooks/w1/calls",
  ],
])("of %j a log keeps %j", (text, kept) => {
  expect(withoutSecrets(text)).toBe(kept);
});

test("nobody writes to the console behind the log's back", () => {
  const files = ["src/**/*.ts", "web/src/**/*.{ts,tsx}", "web/functions/**/*.ts"].flatMap((glob) =>
    globSync(glob, { cwd: ROOT }),
  );
  expect(files.length).toBeGreaterThan(500);
  const speaking = files.filter((file) => /\bconsole\s*[.[]/.test(readFileSync(join(ROOT, file), "utf8")));
  expect(speaking).toEqual(["src/core/log.ts"]);
});

import { expect, test } from "vitest";
import { runEach } from "../../../src/core/run-each.ts";

test("a task that fails keeps none of the others from running, is logged, and fails the whole at the end", async () => {
  const ran: string[] = [];
  const lines: unknown[] = [];
  const log = { log: (...line: unknown[]) => void lines.push(line) };
  const fault = new Error("no such table");
  const run = runEach(log, "Cron", {
    first: async () => ran.push("first"),
    second: () => Promise.reject(fault),
    third: async () => ran.push("third"),
  });
  await expect(run).rejects.toMatchObject({ errors: [fault] });
  expect(ran).toEqual(["first", "third"]);
  expect(lines).toEqual([["error", "Cron", "second failed: no such table", { task: "second" }]]);
  await runEach(log, "Cron", { fourth: async () => ran.push("fourth") });
  expect(lines).toHaveLength(1);
});

test("where no room is left the rest waits for the next time, and says so", async () => {
  const ran: string[] = [];
  const lines: unknown[] = [];
  const log = { log: (...line: unknown[]) => void lines.push(line) };
  const tasks = {
    first: async () => ran.push("first"),
    second: async () => ran.push("second"),
    third: async () => ran.push("third"),
  };
  await runEach(log, "Cron", tasks, () => ran.length < 1);
  expect(ran).toEqual(["first"]);
  expect(lines).toEqual([
    ["warn", "Cron", expect.stringContaining("second and what comes after it wait"), { task: "second" }],
  ]);
});

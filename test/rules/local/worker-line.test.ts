import { expect, test } from "vitest";
import { formatWorkerLine, parseWorkerLine } from "../../../scripts/local/worker-line.ts";

test("a structured line shows its component, message and fields", () => {
  const text = JSON.stringify({ level: "error", component: "Api", message: "no such table", requestId: "r1" });
  const line = parseWorkerLine("log", text);
  expect(line).toEqual({ level: "error", component: "Api", message: "no such table", fields: { requestId: "r1" } });
  expect(formatWorkerLine(line, new Date(2026, 0, 2, 3, 4, 5))).toBe(
    "03:04:05 error Api        no such table (requestId=r1)",
  );
});

test.each(["plain text", "{ not json", "{}"])("a line of another kind is shown as it is: %s", (text) => {
  expect(parseWorkerLine("warn", text)).toEqual({ level: "warn", component: "Worker", message: text, fields: {} });
});

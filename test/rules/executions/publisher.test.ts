import { expect, test } from "vitest";
import type { LogFields } from "../../../src/core/log.ts";
import { stepEvent } from "../../../src/executions/live-events.ts";
import { publisher } from "../../../src/executions/publisher.ts";

test("events that cannot be delivered are told of with their execution, where it is one", async () => {
  const logged: (LogFields | undefined)[] = [];
  const behind: Promise<unknown>[] = [];
  const feed = { publish: () => Promise.reject(new Error("the feed is gone")) };
  const publish = publisher(feed, (work) => behind.push(work), {
    log: (_level, _component, _message, fields) => logged.push(fields),
  });
  publish("w1", [stepEvent({ executionId: "e1" }, "a", "running", 0)]);
  publish("w1", [stepEvent({ executionId: "e1" }, "a", "succeeded", 0)]);
  publish("w2", [
    stepEvent({ executionId: "e2" }, "a", "running", 0),
    stepEvent({ executionId: "e3" }, "a", "running", 0),
  ]);
  await Promise.all(behind);
  expect(logged).toEqual([
    { workspaceId: "w1", executionId: "e1", events: 2 },
    { workspaceId: "w2", executionId: undefined, events: 2 },
  ]);
});

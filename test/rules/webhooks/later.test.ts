import { expect, test } from "vitest";
import { Later } from "../../../src/webhooks/later.ts";

/** Invocations of one isolate on a clock that can be set: each `ask` is one, whose waiting is over when the test says so. */
function isolate() {
  const later = new Later(1_000);
  const waiting: (() => void)[] = [];
  const host = {
    clock: { now: () => isolated.now },
    sleep: () => new Promise<void>((resolve) => waiting.push(resolve)),
    background: (work: Promise<void>) => void work,
  };
  const isolated = {
    now: 1_000_000,
    written: 0,
    ask: () =>
      later.ask(host, async () => {
        isolated.written += 1;
      }),
    async wait() {
      for (const over of waiting.splice(0)) over();
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    /** The invocation that was to write is gone. */
    cutOff: () => waiting.splice(0),
  };
  return isolated;
}

test("what many ask for within a second is done once", async () => {
  const own = isolate();
  for (let asked = 0; asked < 5; asked += 1) own.ask();
  await own.wait();
  expect(own.written).toBe(1);
});

test("when whoever was to do it is cut off, another does it ten seconds later", async () => {
  const own = isolate();
  own.ask();
  own.cutOff();
  own.now += 5_000;
  own.ask();
  await own.wait();
  expect(own.written).toBe(0);
  own.now += 6_001;
  own.ask();
  await own.wait();
  expect(own.written).toBe(1);
});

test("a clock that is set back does not have it waited for until that time comes again", async () => {
  const own = isolate();
  own.ask();
  own.cutOff();
  own.now -= 600_000;
  own.ask();
  await own.wait();
  expect(own.written).toBe(1);
});

import { errorText } from "./errors.ts";
import type { Component, Logger } from "./log.ts";

/**
 * Runs tasks one after another, as they are listed. One that fails is logged under the component and keeps none
 * of the others from running. Throws an AggregateError at the end when any failed, so that whoever called sees it too.
 *
 * @param roomLeft asked before each task; from the first `false` on the rest is left for the next time
 */
export async function runEach(
  log: Logger,
  component: Component,
  tasks: Readonly<Record<string, () => Promise<unknown>>>,
  roomLeft: () => boolean = () => true,
): Promise<void> {
  const errors: unknown[] = [];
  for (const [task, run] of Object.entries(tasks)) {
    if (!roomLeft()) {
      log.log("warn", component, `${task} and what comes after it wait for the next time`, { task });
      break;
    }
    try {
      await run();
    } catch (error) {
      log.log("error", component, `${task} failed: ${errorText(error)}`, { task });
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} tasks failed`);
}

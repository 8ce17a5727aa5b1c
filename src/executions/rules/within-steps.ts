/** Steps whose rows one statement removes. Each has a few attempts and log lines. */
const MOST_STEPS = 2_000;

/** The first of some executions that have so many steps together, and always one. */
export function withinSteps<Execution extends { steps: number }>(executions: readonly Execution[]): Execution[] {
  let steps = 0;
  return executions.filter((execution, place) => {
    steps += execution.steps;
    return place === 0 || steps <= MOST_STEPS;
  });
}

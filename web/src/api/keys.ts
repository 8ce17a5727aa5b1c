/**
 * The names under which answers are kept. Each list of a thing begins with the same word, so that
 * `invalidateQueries({ queryKey: keys.executions.all })` reaches all of them. Add yours here: live events patch by these.
 */
export const keys = {
  me: ["me"],
  health: ["health"],
  providers: ["providers"],
  workflows: {
    all: ["workflows"],
    list: ["workflows", "list"],
    one: (workflowId: string) => ["workflows", "one", workflowId],
  },
  versions: {
    all: ["versions"],
    of: (workflowId: string) => ["versions", "of", workflowId],
  },
  executions: {
    all: ["executions"],
    lists: ["executions", "list"],
    list: (filters: object) => ["executions", "list", filters],
    last: ["executions", "list", "last"],
    one: (executionId: string) => ["executions", "one", executionId],
    logs: (executionId: string) => ["executions", "one", executionId, "logs"],
    attempts: (executionId: string) => ["executions", "one", executionId, "attempts"],
  },
} as const;

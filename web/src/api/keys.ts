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
    names: ["workflows", "names"],
    one: (workflowId: string) => ["workflows", "one", workflowId],
  },
  versions: {
    all: ["versions"],
    of: (workflowId: string) => ["versions", "of", workflowId],
    list: (workflowId: string, which: string) => ["versions", "of", workflowId, "list", which],
    comparison: (workflowId: string, sides: object) => ["versions", "of", workflowId, "comparison", sides],
    one: (versionId: string) => ["versions", "one", versionId],
  },
  schedules: {
    all: ["schedules"],
    lists: ["schedules", "list"],
    inWorkspace: ["schedules", "list", "workspace"],
    of: (workflowId: string) => ["schedules", "list", workflowId],
    one: (scheduleId: string) => ["schedules", "one", scheduleId],
    runs: (scheduleId: string) => ["schedules", "runs", scheduleId],
    anyUpcoming: ["schedules", "upcoming"],
    upcoming: (timezone: string) => ["schedules", "upcoming", timezone],
    // Not under `schedules`: what happens to schedules does not change them.
    preview: (asked: object) => ["schedule-preview", asked],
    presets: ["schedule-presets"],
  },
  webhooks: {
    all: ["webhooks"],
    lists: ["webhooks", "list"],
    of: (workflowId: string) => ["webhooks", "list", workflowId],
    one: (webhookId: string) => ["webhooks", "one", webhookId],
    calls: (webhookId: string) => ["webhooks", "calls", webhookId],
    // Not under `webhooks`: a call that came stays as it is.
    payload: (callId: string) => ["webhook-payload", callId],
    tried: (asked: object) => ["webhook-tried", asked],
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
  exports: {
    all: ["exports"],
    list: ["exports", "list"],
  },
  imports: {
    one: (importId: string) => ["imports", "one", importId],
  },
  templates: ["templates"],
  knowledge: {
    all: ["knowledge"],
    list: (filters: object) => ["knowledge", "list", filters],
    labels: ["knowledge", "labels"],
  },
  members: ["members"],
  invitations: ["invitations"],
  apiKeys: ["api-keys"],
  settings: ["settings"],
  sessions: ["sessions"],
  analytics: {
    all: ["analytics"],
    costs: (query: object) => ["analytics", "costs", query],
    usage: (query: object) => ["analytics", "usage", query],
    trends: (query: object) => ["analytics", "trends", query],
    expensive: (query: object) => ["analytics", "expensive", query],
  },
  budgets: ["budgets"],
  credentials: ["credentials"],
  events: {
    all: ["events"],
    list: (filters: object) => ["events", "list", filters],
  },
  fallbacks: {
    all: ["fallbacks"],
    list: (filters: object) => ["fallbacks", "list", filters],
  },
  pricing: {
    all: ["pricing"],
    own: ["pricing", "own"],
    unpriced: ["pricing", "unpriced"],
    history: (provider: string, model: string) => ["pricing", "history", provider, model],
  },
} as const;

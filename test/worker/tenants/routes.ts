import { definitionOf } from "../workflows.ts";
import type { World } from "./world.ts";

/** One operation of the API, as the matrix of tenants tries it. */
export interface Operation {
  /** Who may at least. Nobody in person: it is open to all, and proves itself in another way. */
  least: "nobody" | "viewer" | "editor" | "owner";
  /** The address with a world's ids in it. */
  path: (world: World) => string;
  /** A body that its owner could send. */
  body?: (world: World) => unknown;
  /** Names somebody's thing in its address, so that for strangers there is nothing there. */
  named: boolean;
}

const at =
  (template: string) =>
  (world: World): string =>
    template.replace(/\{(\w+)\}/g, (_, name: keyof World) => String(world[name]));

type Least = Operation["least"];
type Body = Operation["body"];

/** An operation on the whole workspace, or on nothing of anybody's. */
const whole = (least: Least, path: string, body?: Body): Operation => ({
  least,
  path: at(path),
  named: false,
  ...(body && { body }),
});

/** An operation on one thing. */
const one = (least: Least, path: string, body?: Body): Operation => ({
  least,
  path: at(path),
  named: true,
  ...(body && { body }),
});

const draft = () => ({ name: "changed", ...definitionOf(["a>b"]) });
const range = "startDate=2020-01-01&endDate=2030-01-01";

/** Every operation of the OpenAPI document. Those that remove stand last, so that the others find what they name. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /api/health": whole("nobody", "/api/health"),
  "GET /api/invitations/{invitation}": whole("nobody", "/api/invitations/no-such-token"),
  "POST /api/invitations/accept": whole("nobody", "/api/invitations/accept", () => ({ token: "no-such-token" })),
  "POST /api/password-reset": whole("nobody", "/api/password-reset", () => ({
    token: "none",
    password: "long enough",
  })),
  "POST /api/webhooks/trigger/{workflowId}/{secretKey}": whole("nobody", "/api/webhooks/trigger/none/none"),

  "GET /api/me": whole("viewer", "/api/me"),
  "POST /api/me/workspace": whole("viewer", "/api/me/workspace", ({ owner }) => ({ workspaceId: owner.workspaceId })),
  "GET /api/live": whole("viewer", "/api/live"),
  "GET /api/api-keys": whole("viewer", "/api/api-keys"),
  "POST /api/api-keys": whole("viewer", "/api/api-keys", () => ({ name: "another" })),
  "GET /api/members": whole("owner", "/api/members"),
  "POST /api/members": whole("owner", "/api/members", ({ viewer }) => ({ email: viewer.email, role: "viewer" })),
  "PUT /api/members/{id}": one("owner", "/api/members/{memberId}", () => ({ role: "viewer" })),
  "POST /api/members/{id}/password-reset": one("owner", "/api/members/{memberId}/password-reset"),
  "GET /api/invitations": whole("owner", "/api/invitations"),
  "POST /api/invitations": whole("owner", "/api/invitations", () => ({ role: "viewer" })),
  "GET /api/settings": whole("viewer", "/api/settings"),
  "PUT /api/settings": whole("owner", "/api/settings", () => ({ autoVersionDays: 30 })),
  "GET /api/events": whole("viewer", "/api/events"),

  "GET /api/workflows": whole("viewer", "/api/workflows"),
  "GET /api/workflow-names": whole("viewer", "/api/workflow-names"),
  "POST /api/workflows": whole("editor", "/api/workflows", draft),
  "GET /api/workflows/{id}": one("viewer", "/api/workflows/{workflowId}"),
  "PUT /api/workflows/{id}": one("editor", "/api/workflows/{workflowId}", draft),
  "POST /api/workflows/{id}/validate": one("viewer", "/api/workflows/{workflowId}/validate"),
  "POST /api/workflows/{id}/execute": one("editor", "/api/workflows/{workflowId}/execute", () => ({ input: "go" })),
  "GET /api/workflows/{id}/versions": one("viewer", "/api/workflows/{workflowId}/versions"),
  "POST /api/workflows/{id}/versions": one("editor", "/api/workflows/{workflowId}/versions", () => ({
    commitMessage: "one more",
  })),
  "GET /api/versions/{versionId}": one("viewer", "/api/versions/{versionId}"),
  "PUT /api/versions/{versionId}/tag": one("editor", "/api/versions/{versionId}/tag", () => ({ tag: "stable" })),
  "GET /api/workflows/{id}/versions/{v1}/compare/{v2}": one(
    "viewer",
    "/api/workflows/{workflowId}/versions/{olderVersionId}/compare/{versionId}",
  ),
  "PUT /api/workflows/{id}/restore/{versionId}": one("editor", "/api/workflows/{workflowId}/restore/{olderVersionId}"),

  "GET /api/executions": whole("viewer", "/api/executions"),
  "GET /api/executions/{id}": one("viewer", "/api/executions/{executionId}"),
  "GET /api/executions/{id}/steps/{nodeId}/output": one("viewer", "/api/executions/{executionId}/steps/b/output"),
  "GET /api/executions/{id}/logs": one("viewer", "/api/executions/{executionId}/logs"),
  "GET /api/executions/{id}/attempts": one("viewer", "/api/executions/{executionId}/attempts"),
  "POST /api/executions/{id}/cancel": one("editor", "/api/executions/{executionId}/cancel"),
  "POST /api/executions/{id}/retry": one("editor", "/api/executions/{executionId}/retry"),

  "GET /api/workflows/{id}/schedules": one("viewer", "/api/workflows/{workflowId}/schedules"),
  "POST /api/workflows/{id}/schedules": one("editor", "/api/workflows/{workflowId}/schedules", () => ({
    cronExpression: "0 8 * * *",
  })),
  "GET /api/schedules": whole("viewer", "/api/schedules"),
  "GET /api/schedules/upcoming": whole("viewer", "/api/schedules/upcoming"),
  "POST /api/schedules/preview": whole("viewer", "/api/schedules/preview", () => ({ cronExpression: "0 9 * * *" })),
  "GET /api/schedules/presets": whole("viewer", "/api/schedules/presets"),
  "GET /api/schedules/{id}": one("viewer", "/api/schedules/{scheduleId}"),
  "PUT /api/schedules/{id}": one("editor", "/api/schedules/{scheduleId}", () => ({ cronExpression: "0 7 * * *" })),
  "POST /api/schedules/{id}/pause": one("editor", "/api/schedules/{scheduleId}/pause"),
  "POST /api/schedules/{id}/resume": one("editor", "/api/schedules/{scheduleId}/resume"),
  "GET /api/schedules/{id}/runs": one("viewer", "/api/schedules/{scheduleId}/runs"),

  "GET /api/workflows/{id}/webhooks": one("viewer", "/api/workflows/{workflowId}/webhooks"),
  "POST /api/workflows/{id}/webhooks": one("editor", "/api/workflows/{workflowId}/webhooks", () => ({})),
  "GET /api/webhooks/{id}": one("viewer", "/api/webhooks/{webhookId}"),
  "PUT /api/webhooks/{id}": one("editor", "/api/webhooks/{webhookId}", () => ({ rotateAfterDays: 90 })),
  "POST /api/webhooks/{id}/test": one("editor", "/api/webhooks/{webhookId}/test", ({ callId }) => ({
    callId,
    dryRun: true,
  })),
  "GET /api/webhooks/{id}/calls": one("viewer", "/api/webhooks/{webhookId}/calls"),
  "GET /api/webhooks/{id}/calls/{callId}": one("editor", "/api/webhooks/{webhookId}/calls/{callId}"),
  "POST /api/webhooks/{id}/calls/{callId}/replay": one("editor", "/api/webhooks/{webhookId}/calls/{callId}/replay"),
  "POST /api/webhooks/{id}/regenerate": one("editor", "/api/webhooks/{webhookId}/regenerate", () => ({})),

  "GET /api/providers": whole("viewer", "/api/providers"),
  "GET /api/providers/health": whole("viewer", "/api/providers/health"),
  "POST /api/providers/{provider}/reset": whole("owner", "/api/providers/openai/reset"),
  "GET /api/fallback-events": whole("viewer", "/api/fallback-events"),
  "POST /api/route/explain": whole("viewer", "/api/route/explain", () => ({
    agent: { provider: "openai", model: "gpt-4.1-mini" },
  })),
  "GET /api/credentials": whole("owner", "/api/credentials"),
  "GET /api/credentials/{provider}": whole("owner", "/api/credentials/anthropic"),
  "PUT /api/credentials/{provider}": whole("owner", "/api/credentials/gemini", () => ({ apiKey: "a-key-of-gemini" })),
  "POST /api/credentials/{provider}/test": whole("owner", "/api/credentials/anthropic/test", () => ({})),

  "GET /api/analytics/costs": whole("viewer", `/api/analytics/costs?${range}`),
  "GET /api/analytics/usage": whole("viewer", `/api/analytics/usage?${range}`),
  "GET /api/analytics/trends": whole("viewer", "/api/analytics/trends"),
  "GET /api/analytics/expensive-workflows": whole("viewer", `/api/analytics/expensive-workflows?${range}`),
  "GET /api/analytics/export": whole("viewer", `/api/analytics/export?${range}`),
  "POST /api/analytics/rebuild": whole("owner", "/api/analytics/rebuild", () => ({})),
  "GET /api/pricing": whole("viewer", "/api/pricing"),
  "PUT /api/pricing": whole("owner", "/api/pricing", () => ({
    provider: "openai",
    model: "a-model",
    inputTokenPrice: 1,
    outputTokenPrice: 2,
  })),
  "GET /api/pricing/unpriced": whole("viewer", "/api/pricing/unpriced"),
  "POST /api/pricing/reprice": whole("owner", "/api/pricing/reprice", () => ({})),
  "GET /api/budgets": whole("viewer", "/api/budgets"),
  "POST /api/budgets": whole("owner", "/api/budgets", () => ({ period: "month", limitUsd: "1" })),
  "PUT /api/budgets/{id}": one("owner", "/api/budgets/{budgetId}", () => ({ limitUsd: "7" })),

  "GET /api/workflows/{id}/export": one("editor", "/api/workflows/{workflowId}/export?includeVersions=true"),
  "POST /api/workflows/bulk-export": whole("editor", "/api/workflows/bulk-export", () => ({ all: true })),
  "GET /api/exports": whole("viewer", "/api/exports"),
  "GET /api/exports/{id}": one("viewer", "/api/exports/{exportId}"),
  "GET /api/exports/{id}/download": one("viewer", "/api/exports/{exportId}/download"),
  "POST /api/workflows/{id}/clone": one("editor", "/api/workflows/{workflowId}/clone", () => ({})),
  "POST /api/workflows/import": whole("editor", "/api/workflows/import?dryRun=true", () => ({
    version: "1.0",
    exportedAt: "2026-01-01T00:00:00.000Z",
    workflow: { name: "From a file", nodes: [], edges: [], settings: {} },
    agents: [],
  })),
  "GET /api/imports/{id}": one("viewer", "/api/imports/{importId}"),
  "GET /api/templates": whole("viewer", "/api/templates"),
  "POST /api/templates/{id}/install": whole("editor", "/api/templates/daily-digest/install"),
  "GET /api/knowledge": whole("viewer", "/api/knowledge"),
  "POST /api/knowledge": whole("editor", "/api/knowledge", () => ({
    agentRole: "tester",
    category: "facts",
    content: "Water is wet.",
  })),
  "PUT /api/knowledge/{id}": one("editor", "/api/knowledge/{knowledgeId}", () => ({ confidence: 50 })),

  "DELETE /api/knowledge/{id}": one("editor", "/api/knowledge/{knowledgeId}"),
  "DELETE /api/budgets/{id}": one("owner", "/api/budgets/{budgetId}"),
  "DELETE /api/webhooks/{id}": one("editor", "/api/webhooks/{webhookId}"),
  "DELETE /api/schedules/{id}": one("editor", "/api/schedules/{scheduleId}"),
  "DELETE /api/credentials/{provider}": whole("owner", "/api/credentials/anthropic"),
  // Who is let through is the last owner, and stays.
  "DELETE /api/me/workspace": whole("viewer", "/api/me/workspace"),
  "DELETE /api/api-keys/{id}": one("viewer", "/api/api-keys/{keyId}"),
  "DELETE /api/invitations/{invitation}": one("owner", "/api/invitations/{invitationId}"),
  "DELETE /api/members/{id}": one("owner", "/api/members/{memberId}"),
  "DELETE /api/workflows/{id}": one("owner", "/api/workflows/{workflowId}"),
};

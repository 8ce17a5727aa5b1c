import { secureHeaders } from "hono/secure-headers";
import { authRoutes } from "./auth/routes.ts";
import { DomainError } from "./core/errors.ts";
import { analyticsRoutes } from "./costs/analytics-routes.ts";
import { budgetRoutes } from "./costs/budget-routes.ts";
import { pricingRoutes } from "./costs/pricing-routes.ts";
import { eventRoutes } from "./events/routes.ts";
import { liveRoutes } from "./executions/live-routes.ts";
import { executionRoutes } from "./executions/routes.ts";
import { createRouter } from "./http/app.ts";
import { serveReference } from "./http/docs.ts";
import { answerError } from "./http/errors.ts";
import { healthRoutes } from "./http/health.ts";
import { requestId } from "./http/request-id.ts";
import { knowledgeRoutes } from "./knowledge/routes.ts";
import { credentialRoutes } from "./providers/credential-routes.ts";
import { providerRoutes } from "./providers/routes.ts";
import { scheduleRoutes } from "./schedules/routes.ts";
import { exportRoutes } from "./transfer/export-routes.ts";
import { importRoutes } from "./transfer/import-routes.ts";
import { templateRoutes } from "./transfer/template-routes.ts";
import { versionRoutes } from "./versions/routes.ts";
import { webhookRoutes } from "./webhooks/routes.ts";
import { triggerRoutes } from "./webhooks/trigger-routes.ts";
import { workflowRoutes } from "./workflows/routes.ts";

const root = createRouter();
root.onError(answerError);
root.use(requestId);
root.use("/api/*", secureHeaders({ xFrameOptions: "DENY" }), async (c, next) => {
  try {
    await next();
  } finally {
    // On what is thrown from here as well: for an address where there is nothing, the answer is only made further out.
    c.header("Cache-Control", "no-store");
    // Nothing of an answer is to be shown as a page, but for the reference, which has a policy of its own.
    if (c.req.path !== "/api/docs") {
      c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
  }
});
root.notFound(() => {
  throw new DomainError("not_found", "There is nothing at this address. GET /api/docs lists what there is.");
});

/** Every route of the API. Chained, because the typed client is inferred from this one expression. */
export const api = root
  .route("/api", healthRoutes)
  .route("/api", authRoutes)
  .route("/api", exportRoutes)
  .route("/api", importRoutes)
  .route("/api", workflowRoutes)
  .route("/api", versionRoutes)
  .route("/api", executionRoutes)
  .route("/api", providerRoutes)
  .route("/api", liveRoutes)
  .route("/api", credentialRoutes)
  .route("/api", eventRoutes)
  .route("/api", scheduleRoutes)
  .route("/api", budgetRoutes)
  .route("/api", pricingRoutes)
  .route("/api", analyticsRoutes)
  .route("/api", webhookRoutes)
  .route("/api", knowledgeRoutes)
  .route("/api", templateRoutes)
  .route("/api", triggerRoutes);

serveReference(api);

export type Api = typeof api;

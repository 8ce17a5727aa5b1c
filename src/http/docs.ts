import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Schema } from "hono";
import { VERSION } from "../core/version.ts";
import type { AppEnv } from "./app.ts";

/**
 * Adds `GET /api/openapi.json`, made from the schemas that validate, and `GET /api/docs`, the page that shows it.
 * To be called on the root router after everything is mounted: a route that is mounted later is not in the document.
 */
export function serveReference<Routes extends Schema>(root: OpenAPIHono<AppEnv, Routes>): void {
  root.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "swarm_...",
    description: "A key made with POST /api/api-keys.",
  });
  root.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "better-auth.session_token",
    description: "The cookie that POST /api/auth/sign-in/email sets.",
  });

  let document: string | undefined;
  root.get("/api/openapi.json", (c) => {
    // The routes of an isolate never change, and walking their schemas takes milliseconds.
    document ??= JSON.stringify(
      root.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Swarm API",
          version: VERSION,
          description:
            "Multi-agent AI workflows: versioned, run by hand, on a schedule or from a webhook, with exact costs.",
        },
        servers: [{ url: "/", description: "This installation" }],
        security: [{ apiKey: [] }, { session: [] }],
      }),
    );
    return c.body(document, 200, { "Content-Type": "application/json" });
  });

  // Without the extension: the assets answer /docs.html with a redirect to /docs.
  root.get("/api/docs", (c) => c.env.ASSETS.fetch(new URL("/docs", c.req.url)));
}

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Schema } from "hono";
import { VERSION } from "../core/version.ts";
import { errorAnswer } from "./answers.ts";
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
      withErrors(
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
      ),
    );
    return c.body(document, 200, { "Content-Type": "application/json" });
  });

  // Without the extension: the assets answer /docs.html with a redirect to /docs.
  root.get("/api/docs", (c) => c.env.ASSETS.fetch(new URL("/docs", c.req.url)));
}

const ERROR_ANSWER = {
  description: errorAnswer.description,
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
};

type OpenApi = ReturnType<OpenAPIHono<AppEnv>["getOpenAPI31Document"]>;

const METHODS = ["get", "put", "post", "delete", "patch"] as const;

/**
 * The document with the error envelope on every operation. Here and not in the routes, where it would be one of the
 * typed client's answers: errors are thrown, and a client that has checked `ok` must not be offered them again.
 */
function withErrors(document: OpenApi): OpenApi {
  for (const path of Object.values(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation) operation.responses = { default: ERROR_ANSWER, ...operation.responses };
    }
  }
  return document;
}

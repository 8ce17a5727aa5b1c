import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { api } from "../../src/api.ts";
import { nobody } from "../worker/accounts.ts";

const operationSchema = z.looseObject({
  summary: z.string().min(1),
  tags: z.array(z.string()).min(1),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
});
const documentSchema = z.looseObject({
  openapi: z.literal("3.1.0"),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
type Document = z.infer<typeof documentSchema>;

/** What is served beside the API proper: better-auth's own addresses, and the reference itself. */
const OUTSIDE = /^\/api\/(auth\/.*|openapi\.json|docs)$/;

let text: string;
let document: Document;
beforeAll(async () => {
  const response = await nobody.fetch("/api/openapi.json");
  expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "application/json"]);
  text = await response.text();
  document = documentSchema.parse(JSON.parse(text));
});

/** `GET /api/workflows/{id}` of every route that is mounted, middleware left out. */
function mounted(): string[] {
  const routes = api.routes
    .filter(({ method, path }) => method !== "ALL" && !OUTSIDE.test(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  return [...new Set(routes)].toSorted();
}

function documented(): string[] {
  return Object.entries(document.paths)
    .flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`))
    .toSorted();
}

test("the document lists every route that is mounted, and no other", () => {
  expect(mounted().length).toBeGreaterThan(25);
  expect(documented()).toEqual(mounted());
});

test.each([
  "GET /api/health",
  "GET /api/me",
  "GET /api/api-keys",
  "POST /api/api-keys",
  "DELETE /api/api-keys/{id}",
  "GET /api/workflows",
  "POST /api/workflows",
  "GET /api/workflows/{id}",
  "PUT /api/workflows/{id}",
  "DELETE /api/workflows/{id}",
  "POST /api/workflows/{id}/validate",
  "POST /api/workflows/{id}/execute",
  "GET /api/executions",
  "GET /api/executions/{id}",
  "GET /api/executions/{id}/logs",
  "GET /api/executions/{id}/attempts",
  "POST /api/executions/{id}/cancel",
  "POST /api/executions/{id}/retry",
  "GET /api/schedules",
  "GET /api/schedules/upcoming",
  "GET /api/webhooks/{id}",
  "GET /api/webhooks/{id}/calls/{callId}",
  "GET /api/live",
  "GET /api/members",
  "POST /api/members",
  "PUT /api/members/{id}",
  "DELETE /api/members/{id}",
  "POST /api/invitations",
])("the contract's %s is in it", (endpoint) => {
  expect(documented()).toContain(endpoint);
});

test("every operation says what an error looks like and what success is", () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      const place = `${method} ${path}`;
      expect([place, responses.default]).toEqual([
        place,
        {
          description: expect.any(String),
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      ]);
      expect([place, Object.keys(responses).some((status) => /^[12]/.test(status))]).toEqual([place, true]);
    }
  }
});

test("every parameter of a path is described, and every reference leads somewhere", () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    for (const [method, { parameters = [] }] of Object.entries(operations)) {
      const described = parameters.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name);
      expect([method, path, described]).toEqual([method, path, named]);
    }
  }
  const references = new Set([...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]));
  expect(references.size).toBeGreaterThan(10);
  expect([...references].filter((name) => name === undefined || !(name in document.components.schemas))).toEqual([]);
});

import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Account, apiKey, type Client, nobody, signUp } from "../worker/accounts.ts";
import { dumpOf } from "../worker/tenants/dump.ts";
import { OPERATIONS, type Operation } from "../worker/tenants/routes.ts";
import { MARK, type World, worldOf } from "../worker/tenants/world.ts";
import { echo } from "../worker/webhooks.ts";

const documentSchema = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

let world: World;
let stranger: Account;
let others: World;
let revoked: Client;
let before: Record<string, string>;

beforeAll(async () => {
  const owner = await signUp("Owner");
  world = await worldOf(owner);
  stranger = await signUp("Stranger");
  others = await worldOf(stranger);
  const key = await apiKey(owner);
  await owner.send("DELETE", `/api/api-keys/${key.id}`);
  revoked = key;
  // Whatever is executed by mistake must not reach a provider.
  echo();
  before = await dumpOf(world.owner.workspaceId);
});

const operations = Object.entries(OPERATIONS).map(([name, operation]) => ({
  name,
  method: name.slice(0, name.indexOf(" ")),
  ...operation,
}));
const guarded = operations.filter(({ least }) => least !== "nobody");

/** A body that cannot be read: whoever may not do a thing is told so before it is looked at. */
const GARBAGE = '{"a": ';

async function sendText(who: Client, method: string, path: string, text: string): Promise<number> {
  const response = await who.fetch(path, { method, ...(method === "GET" ? {} : { body: text }) });
  await response.body?.cancel();
  return response.status;
}

function bodyOf(operation: Pick<Operation, "body">, of: World): string {
  return JSON.stringify(operation.body?.(of) ?? {});
}

test("the matrix knows every operation of the document, and no other", async () => {
  const document = documentSchema.parse((await nobody.send("GET", "/api/openapi.json")).body);
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(Object.keys(OPERATIONS).toSorted()).toEqual(documented.toSorted());
});

describe("nobody and nobody's key", () => {
  test.each(guarded)("$name is refused, before its body is looked at", async ({ method, path }) => {
    expect(await sendText(nobody, method, path(world), GARBAGE)).toBe(401);
    expect(await sendText(revoked, method, path(world), GARBAGE)).toBe(401);
  });
});

describe("a viewer", () => {
  const beyond = guarded.filter(({ least }) => least !== "viewer");
  test.each(beyond)("may not $name, whatever the body is", async ({ method, path }) => {
    expect(await sendText(world.viewer, method, path(world), GARBAGE)).toBe(403);
  });
});

describe("the owner of another workspace", () => {
  test.each(guarded.filter(({ named }) => named))("finds nothing at $name", async (operation) => {
    expect(await sendText(stranger, operation.method, operation.path(world), bodyOf(operation, others))).toBe(404);
    expect(await sendText(stranger, operation.method, operation.path(world), bodyOf(operation, world))).toBe(404);
  });

  const lists = guarded.filter(({ method, named }) => method === "GET" && !named);
  test.each(lists)("sees nothing of it in $name", async ({ path, name }) => {
    if (name === "GET /api/live") return expect(await sendText(stranger, "GET", path(world), "")).toBe(426);
    const joined = path(world).includes("?") ? "&" : "?";
    const queries = ["", `${joined}workflowId=${world.workflowId}`, `${joined}workspaceId=${world.owner.workspaceId}`];
    for (const query of queries) {
      const text = await (await stranger.fetch(`${path(world)}${query}`)).text();
      for (const id of [world.workflowId, world.otherWorkflowId, world.executionId, world.owner.workspaceId]) {
        expect(text.replaceAll("\\", "")).not.toContain(id);
      }
    }
    return undefined;
  });

  /** Bodies that name things of the other workspace, sent to addresses of one's own. */
  const smuggled: [string, (own: World, foreign: World) => [string, string, unknown]][] = [
    [
      "a version to execute",
      (own, { versionId: version }) => ["POST", `/api/workflows/${own.workflowId}/execute`, { version }],
    ],
    [
      "a version to retry with",
      (own, { versionId: version }) => ["POST", `/api/executions/${own.executionId}/retry`, { version }],
    ],
    ["a schedule's version", (own, { versionId: version }) => ["PUT", `/api/schedules/${own.scheduleId}`, { version }]],
    [
      "a schedule's predecessor",
      (own, { otherWorkflowId: workflowId }) => [
        "POST",
        `/api/workflows/${own.workflowId}/schedules`,
        { after: { workflowId } },
      ],
    ],
    [
      "a schedule's condition",
      (own, { workflowId }) => [
        "PUT",
        `/api/schedules/${own.scheduleId}`,
        { condition: { workflowId, expression: "last" } },
      ],
    ],
    ["a webhook's version", (own, { versionId: version }) => ["PUT", `/api/webhooks/${own.webhookId}`, { version }]],
    ["a call to try", (own, { callId }) => ["POST", `/api/webhooks/${own.webhookId}/test`, { callId, dryRun: true }]],
    ["a call to replay", (own, { callId }) => ["POST", `/api/webhooks/${own.webhookId}/calls/${callId}/replay`, {}]],
    [
      "a budget's workflow",
      (_, { workflowId }) => ["POST", "/api/budgets", { workflowId, period: "day", limitUsd: "1" }],
    ],
    [
      "workflows to export",
      (_, { workflowId }) => ["POST", "/api/workflows/bulk-export", { workflowIds: [workflowId] }],
    ],
    [
      "a version to share a tag",
      (own, { olderVersionId: versionId }) => [
        "PUT",
        `/api/versions/${own.versionId}/tag`,
        {
          tag: "shared",
          split: [
            { versionId: own.versionId, weight: 1 },
            { versionId, weight: 1 },
          ],
        },
      ],
    ],
    [
      "a version to restore",
      (own, { versionId }) => ["PUT", `/api/workflows/${own.workflowId}/restore/${versionId}`, {}],
    ],
    [
      "a version to compare",
      (own, { versionId }) => ["GET", `/api/workflows/${own.workflowId}/versions/1/compare/${versionId}`, undefined],
    ],
    ["a workspace to work in", (_, { owner }) => ["POST", "/api/me/workspace", { workspaceId: owner.workspaceId }]],
  ];
  test.each(smuggled)("gets nowhere with %s in an address or a body of its own", async (_, request) => {
    const [method, path, body] = request(others, world);
    const { status } = await stranger.send(method, path, body);
    expect([404, 422]).toContain(status);
    // The same with its own things is no fault, or the refusal would say nothing.
    const [, ownPath, ownBody] = request(others, others);
    const own = await stranger.send(method, ownPath, ownBody);
    expect([200, 201, 202, 409], JSON.stringify(own.body)).toContain(own.status);
  });
});

describe("fields that are not a caller's to set", () => {
  const planted = {
    workspaceId: "planted-workspace",
    workspace_id: "planted-workspace",
    userId: "planted-user",
    createdBy: "planted-user",
    executionId: "planted-execution",
    secretKey: "planted-secret",
    source: "planted-source",
    costNanoUsd: 987_654_321_987,
    spentNanoUsd: 987_654_321_987,
    triggerCount: 987_654_321,
    executionCount: 987_654_321,
    revision: 987_654_321,
  };
  const writing = guarded.filter(({ body, method }) => body && method !== "DELETE");

  test.each(writing)("are refused or ignored by $name", async (operation) => {
    const body = z.record(z.string(), z.unknown()).parse(operation.body?.(others) ?? {});
    for (const [field, value] of Object.entries(planted)) {
      if (field in body) continue;
      await stranger.send(operation.method, operation.path(others), { ...body, [field]: value });
    }
    const written = JSON.stringify(await dumpOf(stranger.workspaceId));
    for (const value of new Set(Object.values(planted))) expect(written).not.toContain(String(value));
    expect(Object.values(await dumpOf("planted-workspace")).join("")).toBe("");
  });

  test.each(writing)("__proto__ reaches no prototype by $name", async (operation) => {
    const text = bodyOf(operation, others).replace("{", '{"__proto__":{"role":"owner","isAdmin":true},');
    const status = await sendText(stranger, operation.method, operation.path(others), text.replace(",}", "}"));
    expect(status).toBeLessThan(500);
    expect(Reflect.get({}, "isAdmin")).toBeUndefined();
    expect(Reflect.get({}, "role")).toBeUndefined();
  });
});

test("after all of this nothing of the first workspace has changed", async () => {
  expect(await dumpOf(world.owner.workspaceId)).toEqual(before);
});

describe("its own owner", () => {
  test.each(guarded)("is let through at $name, so that the refusals above were about rights", async (operation) => {
    const { method, path, name } = operation;
    if (name === "GET /api/live") return expect(await sendText(world.owner, method, path(world), "")).toBe(426);
    const status = await sendText(world.owner, method, path(world), bodyOf(operation, world));
    expect([401, 403, 404]).not.toContain(status);
    expect(status).toBeLessThan(500);
    return undefined;
  });
});

test("what the first workspace holds carries the mark that was looked for", () => {
  expect(JSON.stringify(before)).toContain(MARK);
});

import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { WorkflowView } from "../../src/workflows/inputs.ts";
import { type Account, apiKey, joinAs, nobody, readAnswer, signUp } from "../worker/accounts.ts";
import { settled } from "../worker/executions.ts";
import { countRows } from "../worker/rows.ts";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

let owner: Account;
let viewer: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
  viewer = await joinAs(owner, "viewer");
  stranger = await signUp("Sven");
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});

const path = (id: string) => `/api/workflows/${id}`;
const get = async (id: string) => (await owner.send<WorkflowView>("GET", path(id))).body;
/** A request with a body as it is written, not made by JSON.stringify. */
async function raw(account: Pick<Account, "fetch">, method: string, at: string, body: BodyInit, type?: string) {
  const headers = type === undefined ? {} : { "Content-Type": type };
  return readAnswer<Refusal>(await account.fetch(at, { method, body, headers }));
}

describe("who may do what", () => {
  const requests = (id: string): [string, string, string][] => [
    ["POST", "/api/workflows", JSON.stringify({ name: "x" })],
    ["PUT", path(id), JSON.stringify({ name: "x" })],
    ["DELETE", path(id), ""],
    ["POST", `${path(id)}/execute`, "{}"],
  ];

  test("a viewer gets 403 before the body is looked at, by cookie and by key, and changes nothing", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const key = await apiKey(viewer);
    const before = await countRows();
    for (const [method, at, body] of requests(id)) {
      for (const who of [viewer, key]) {
        for (const sent of [body, "{", "x".repeat(2_000_000), '{"unknown":1}']) {
          expect([method, at, (await raw(who, method, at, sent)).status]).toEqual([method, at, 403]);
        }
      }
    }
    expect(await countRows()).toEqual(before);
    expect((await viewer.send("POST", `${path(id)}/validate`)).status).toBe(200);
  });

  test("another workspace's workflow is as absent as one that never was, for every method", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const before = [await get(id), await countRows()];
    for (const [method, at, body] of [
      ["GET", path(id), undefined],
      ["POST", `${path(id)}/validate`, "{}"],
      ...requests(id).slice(1),
    ] as const) {
      const absent = at.replace(id, "01900000-0000-7000-8000-000000000000");
      const answers = [];
      for (const target of [at, absent]) {
        const response = await stranger.fetch(target, { method, ...(body ? { body } : {}) });
        const { status, body: refusal } = await readAnswer<Refusal>(response);
        answers.push([status, refusal.error.code, refusal.error.message, refusal.error.details]);
      }
      expect(answers[0]).toEqual([404, "workflow_not_found", expect.any(String), []]);
      expect(answers[1]).toEqual(answers[0]);
    }
    expect([await get(id), await countRows()]).toEqual(before);
    for (const [method, at, body] of requests(id)) {
      expect((await raw(nobody, method, at, body === "" ? "{}" : body)).status).toBe(401);
    }
  });
});

describe("bodies of a hostile client", () => {
  test.each([
    ["malformed JSON", '{"name":', 400, "malformed_request"],
    ["two documents", '{"name":"a"}{"name":"b"}', 400, "malformed_request"],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 400, "malformed_request"],
    ["an array", "[]", 422, "invalid_fields"],
    ["null", "null", 422, "invalid_fields"],
    ["nothing", "", 422, "invalid_fields"],
    ["a body over the limit", `{"name":"${"x".repeat(1_300_000)}"}`, 413, "body_too_large"],
    ["a definition over 1 MB", JSON.stringify({ name: "Big", ...bigDefinition() }), 413, "body_too_large"],
    ["501 nodes", JSON.stringify({ name: "Many", nodes: nodes(501) }), 422, "invalid_fields"],
    [
      "a node named __proto__",
      JSON.stringify({ name: "P", nodes: nodes(1, () => "__proto__") }),
      422,
      "invalid_fields",
    ],
    ["a member named __proto__", '{"name":"P","__proto__":{"admin":true}}', 422, "invalid_fields"],
    [
      "data with a __proto__",
      `{"name":"P","nodes":[{"id":"a","type":"agent","position":{"x":0,"y":0},"data":{"__proto__":{}}}]}`,
      422,
      "invalid_fields",
    ],
    [
      "brackets without end",
      `{"name":"P","settings":{"inputSchema":{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}}`,
      422,
      "invalid_fields",
    ],
    [
      "an infinite number",
      `{"name":"P","nodes":[{"id":"a","type":"agent","position":{"x":1e999,"y":0}}]}`,
      422,
      "invalid_fields",
    ],
    ["an empty name", '{"name":"   "}', 422, "invalid_fields"],
  ])("%s is refused and leaves nothing behind", async (_, body, status, code) => {
    const before = await countRows();
    const answer = await raw(owner, "POST", "/api/workflows", body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.body.error.message).not.toBe("");
    expect(await countRows()).toEqual(before);
  });

  test("500 nodes fit, and names that mean something in JavaScript are ordinary names", async () => {
    const made = await owner.send<WorkflowView>("POST", "/api/workflows", { name: "Full", nodes: nodes(500) });
    expect([made.status, made.body.nodes.length]).toEqual([201, 500]);
    const ids = ["constructor", "toString", "hasOwnProperty"];
    const named = await owner.send<WorkflowView>("POST", "/api/workflows", {
      name: "constructor",
      ...definitionOf(["constructor>toString", "toString>hasOwnProperty"]),
    });
    expect(named.status).toBe(201);
    expect((await get(named.body.id)).nodes.map((node) => node.id)).toEqual(ids);
    expect((await owner.send("POST", `${path(named.body.id)}/validate`)).body).toMatchObject({ valid: true });
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });

  test("text comes back as it was sent, whatever is in it", async () => {
    const name = "'; DROP TABLE workflows; -- \u0000 \u202e 🐝 <script>";
    const { body } = await owner.send<WorkflowView>("POST", "/api/workflows", { name });
    expect((await get(body.id)).name).toBe(name);
  });

  test("an empty body and any Content-Type are read as JSON", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const empty = await owner.fetch(`${path(id)}/validate`, { method: "POST" });
    expect([empty.status, await empty.json()]).toEqual([200, { valid: true, errors: [], warnings: [] }]);
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=latin1",
      "nonsense",
    ]) {
      const answer = await raw(owner, "POST", "/api/workflows", '{"name":"Typed"}', type);
      expect([type, answer.status]).toEqual([type, 201]);
    }
  });
});

describe("a draft with faults", () => {
  test("is kept; validate names its cycle and execute refuses it with the same faults", async () => {
    const id = await createWorkflow(owner, ["a>b", "b>a"]);
    const validation = await viewer.send<{ valid: boolean; errors: { code: string; path: string; message: string }[] }>(
      "POST",
      `${path(id)}/validate`,
    );
    expect(validation.body.valid).toBe(false);
    expect(validation.body.errors.map((error) => error.code)).toContain("cycle");
    const before = await countRows();
    const refused = await owner.send<Refusal>("POST", `${path(id)}/execute`, {});
    expect([refused.status, refused.body.error.code]).toEqual([422, "workflow_invalid"]);
    expect(refused.body.error.details).toEqual(
      validation.body.errors.map((error) => ({ path: error.path, message: error.message })),
    );
    expect(await countRows()).toEqual(before);
  });

  test("validate judges a definition that was sent along without saving it", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const before = [await get(id), await countRows()];
    const sent = await owner.send<{ valid: boolean }>("POST", `${path(id)}/validate`, {
      definition: definitionOf(["a>b", "b>a"]),
    });
    expect([sent.status, sent.body.valid]).toEqual([200, false]);
    expect([await get(id), await countRows()]).toEqual(before);
  });
});

function nodes(count: number, idOf = (n: number) => `n${n}`) {
  return Array.from({ length: count }, (_, n) => ({ id: idOf(n), type: "agent", position: { x: n, y: 0 } }));
}

/** Over 1,000,000 bytes of definition in a body that is itself allowed. */
function bigDefinition() {
  const names = Array.from({ length: 17 }, (_, n) => `n${n}`);
  const agents = Object.fromEntries(names.map((name) => [name, { prompt: "x".repeat(63_000) }]));
  return definitionOf(names, { agents });
}

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { zipOf } from "../support/zip.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { bundleOf, importing, type Refusal, versionOf } from "../worker/imports.ts";
import { countRows } from "../worker/rows.ts";

let ada: Account;
beforeAll(async () => {
  ada = await signUp();
});
const { post, upload } = importing(() => ada);

describe("what is refused leaves no trace", () => {
  const cases: [string, () => BodyInit, number, string][] = [
    ["nothing", () => "", 422, "import_invalid"],
    ["no JSON", () => "{", 422, "import_invalid"],
    ["an empty list", () => "[]", 422, "import_invalid"],
    ["a list that breaks off", () => `[${JSON.stringify(bundleOf("x"))}`, 400, "malformed_request"],
    ["text that is not UTF-8", () => new Uint8Array([0x22, 0xff, 0x22]), 400, "malformed_request"],
    ["brackets only", () => "[".repeat(100_000), 400, "malformed_request"],
    ["a newer format", () => JSON.stringify({ ...bundleOf("x"), version: "2.3" }), 422, "import_too_new"],
    [
      "a schedule that never fires",
      () => JSON.stringify(bundleOf("x", { schedules: [{ cronExpression: "0 0 30 2 *" }] })),
      422,
      "import_invalid",
    ],
    [
      "a mapping that is none",
      () => JSON.stringify(bundleOf("x", { webhooks: [{ payloadTransformer: { a: "][" } }] })),
      422,
      "import_invalid",
    ],
    [
      "one faulty workflow among good ones",
      () => JSON.stringify([bundleOf("good"), bundleOf("", {})]),
      422,
      "import_invalid",
    ],
    [
      "two versions of a number",
      () => JSON.stringify(bundleOf("x", { versions: [versionOf(1, "a"), versionOf(1, "b")] })),
      422,
      "import_invalid",
    ],
    [
      "a prototype in node data",
      () => JSON.stringify(bundleOf("x")).replace('"type":"agent"', '"type":"agent","data":{"__proto__":{"a":1}}'),
      422,
      "import_invalid",
    ],
    ["half a ZIP", () => zipOf([{ name: "workflow.json", data: "{}" }]).slice(0, 50), 422, "archive_refused"],
    ["a ZIP of something else", () => zipOf([{ name: "word/document.xml", data: "<x/>" }]), 422, "archive_refused"],
    ["a path out of the ZIP", () => zipOf([{ name: "../workflow.json", data: "{}" }]), 422, "archive_refused"],
    ["a bomb", () => zipOf([{ name: "workflow.json", data: "a".repeat(7_000_000) }]), 422, "archive_refused"],
    [
      "a ZIP with a wrong checksum",
      () => zipOf([{ name: "workflow.json", data: JSON.stringify(bundleOf("x")), claims: { crc: 5 } }]),
      422,
      "archive_refused",
    ],
    [
      "a manifest that names what is not there",
      () => zipOf([{ name: "manifest.json", data: '{"workflows":[{"name":"x","path":"workflows/1.json"}]}' }]),
      422,
      "archive_refused",
    ],
    [
      "a manifest that leaves a file out",
      () =>
        zipOf([
          { name: "manifest.json", data: '{"workflows":[]}' },
          { name: "workflows/1.json", data: "{}" },
        ]),
      422,
      "archive_refused",
    ],
    ["a manifest that is no JSON", () => zipOf([{ name: "manifest.json", data: "{" }]), 422, "archive_refused"],
  ];

  test.each(cases)("%s", async (_, body, status, code) => {
    const rows = await countRows();
    const answer = await upload<Refusal>(body());
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(await countRows()).toEqual(rows);
    expect((await env.EXPORTS.list()).objects).toEqual([]);
  });

  test("every fault is told with its path, of every workflow", async () => {
    const bad = bundleOf("", { schedules: [{ cronExpression: "nonsense" }] });
    const [agent] = bundleOf("x").agents;
    const worse = { ...bundleOf("Worse"), agents: [{ ...agent, temperature: 9, extra: true }] };
    const { body } = await post<Refusal>([bundleOf("Good"), bad, worse]);
    expect(body.error.details.map(({ path }) => path).sort()).toEqual([
      "[1].workflow.name",
      "[2].agents[0].extra",
      "[2].agents[0].temperature",
    ]);
    const { body: schedule } = await post<Refusal>(
      bundleOf("Scheduled", { schedules: [{ cronExpression: "nonsense" }] }),
    );
    expect(schedule.error.details).toMatchObject([{ path: "schedules[0].cronExpression" }]);
  });

  test("a newer format among others is told with its place", async () => {
    const { body } = await post<Refusal>([bundleOf("Now"), { ...bundleOf("Later"), version: "3.1" }]);
    expect(body.error).toMatchObject({ code: "import_too_new", details: [{ path: "[1].version" }] });
  });

  test("knowledge that is nothing but control characters is none", async () => {
    const knowledgeBase = [{ agentRole: "\u0000", category: "c", content: "\u0001" }];
    const { status, body } = await post<Refusal>(bundleOf("Empty", { knowledgeBase }));
    expect([status, body.error.details.map(({ path }) => path)]).toEqual([
      422,
      ["knowledgeBase[0].agentRole", "knowledgeBase[0].content"],
    ]);
  });

  test("a viewer is refused before the body is looked at, and nobody is a stranger", async () => {
    const viewer = await joinAs(ada, "viewer");
    const rows = await countRows();
    expect((await upload<Refusal>("{", "", viewer)).status).toBe(403);
    expect((await viewer.send("GET", "/api/imports/none")).status).toBe(404);
    expect(await countRows()).toEqual(rows);
  });
});

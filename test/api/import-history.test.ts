import { beforeAll, describe, expect, test } from "vitest";
import { type Account, signUp } from "../worker/accounts.ts";
import { exportOf } from "../worker/exports.ts";
import { bundleOf, importing, versionOf } from "../worker/imports.ts";
import { versioning } from "../worker/versions.ts";
import { createWorkflow } from "../worker/workflows.ts";

let ada: Account;
let grace: Account;
beforeAll(async () => {
  ada = await signUp();
  grace = await signUp("Grace");
});
const { get, list, imported } = importing(() => ada);
const { commit } = versioning(() => ada);

const HISTORY = "includeExecutions=true&includeVersions=true";
const step = (nodeId: string, over: object = {}) => ({
  nodeId,
  agentId: `agent-${nodeId}`,
  status: "succeeded",
  ...over,
});

interface Detail {
  createdAt: string;
  completedAt: string;
  output: unknown;
  outputTruncated: boolean;
  steps: { nodeId: string; name: string; output: string | null; outputTruncated: boolean }[];
}

/** The only execution of an imported workflow. */
async function pastOf(workflowId: string): Promise<Detail> {
  const [execution] = await list<{ id: string }>(`/executions?workflowId=${workflowId}`);
  return get<Detail>(`/executions/${execution?.id}`);
}

describe("versions that come out of a file", () => {
  test("share a tag in the parts that they had, and not in equal ones", async () => {
    const id = await createWorkflow(ada, ["a>b"]);
    const { body: first } = await commit(id, "First", "constructor");
    await ada.send("PUT", `/api/workflows/${id}`, bundleOf("Split").workflow);
    const { body: second } = await commit(id, "Second");
    const split = [first, second].map((version, place) => ({ versionId: version.id, weight: place === 0 ? 9 : 1 }));
    await ada.send("PUT", `/api/versions/${second.id}/tag`, { tag: "production", split });

    const bundle = await exportOf(ada, id, HISTORY);
    expect(bundle.versions).toMatchObject([
      { tags: ["production"], tagWeights: { production: 1 } },
      { tags: ["production", "constructor"], tagWeights: { production: 9 } },
    ]);
    const copy = await imported(bundle, "", grace);
    const shown = (await list<{ splits: unknown }>(`/workflows/${copy}/versions`, grace)).map(({ splits }) => splits);
    expect(shown).toEqual([[{ tag: "production", percent: 10 }], [{ tag: "production", percent: 90 }]]);
    expect((await exportOf(grace, copy, HISTORY)).versions).toEqual(bundle.versions);
  });

  test("share a tag equally in files that do not say how", async () => {
    const versions = [versionOf(1, "a", { tags: ["live"] }), versionOf(2, "b", { tags: ["live"] })];
    const id = await imported(bundleOf("Equal", { versions }));
    expect((await list(`/workflows/${id}/versions`)).map(({ splits }) => splits)).toEqual([
      [{ tag: "live", percent: 50 }],
      [{ tag: "live", percent: 50 }],
    ]);
  });
});

describe("executions that come out of a file", () => {
  test("say of an output that was cut that it was, however often they travel", async () => {
    const executions = [
      {
        status: "succeeded",
        output: "the end",
        outputTruncated: true,
        steps: [step("a", { output: "beginning of", outputTruncated: true }), step("b", { output: "the end" })],
      },
    ];
    const id = await imported(bundleOf("Cut before", { executions }));
    const outputs = (detail: Detail) => detail.steps.map(({ outputTruncated }) => outputTruncated);
    expect(outputs(await pastOf(id))).toEqual([true, false]);
    const again = await exportOf(ada, id, HISTORY);
    expect(again.executions).toMatchObject([{ steps: [{ output: "beginning of", outputTruncated: true }, {}] }]);

    const long = bundleOf("Cut here", {
      executions: [{ status: "succeeded", steps: [step("a", { output: "o".repeat(300_000) })] }],
    });
    const detail = await pastOf(await imported(long));
    expect([detail.steps[0]?.output?.length, ...outputs(detail)]).toEqual([262_144, true]);
  });

  test("keep an output that no step of the file has: earlier builds wrote down no steps", async () => {
    const executions = [{ status: "succeeded", output: "Tea.", steps: [step("output", { status: "failed" })] }];
    const id = await imported(bundleOf("Without steps", { executions }));
    const detail = await pastOf(id);
    expect(detail.output).toBe("Tea.");
    expect(detail.steps.map(({ nodeId, output }) => [nodeId, output])).toEqual([
      ["output", null],
      ["output-2", "Tea."],
    ]);
    const copy = await imported(await exportOf(ada, id, HISTORY), "", grace);
    expect((await exportOf(grace, copy, HISTORY)).executions).toEqual((await exportOf(ada, id, HISTORY)).executions);
  });

  test("are never of a time that has not come yet: they would stand above all others for ever", async () => {
    const at = "9999-12-31T23:59:59.999Z";
    const id = await imported(
      bundleOf("Future", { executions: [{ status: "succeeded", createdAt: at, completedAt: at }] }),
    );
    const { createdAt, completedAt } = await pastOf(id);
    for (const time of [createdAt, completedAt]) expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
  });
});

test("history that is older than the workspace keeps any is told of before it goes", async () => {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();
  const executions = [day(400), day(1)].map((createdAt) => ({ status: "succeeded", createdAt, steps: [] }));
  const bundle = bundleOf("Long ago", { executions });
  const warningsOf = async () => {
    const { body } = await ada.send<{ results: { warnings: { path: string; message: string }[] }[] }>(
      "POST",
      "/api/workflows/import",
      bundle,
    );
    return body.results[0]?.warnings.filter(({ path }) => path === "executions");
  };
  expect(await warningsOf()).toEqual([
    { path: "executions", message: expect.stringMatching(/^one is older than the 90 days .* Raise executionDays/) },
  ]);
  await ada.send("PUT", "/api/settings", { executionDays: null });
  expect(await warningsOf()).toEqual([]);
});

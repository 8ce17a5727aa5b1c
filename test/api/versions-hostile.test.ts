import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Ctx } from "../../src/db/context.ts";
import { commitVersion } from "../../src/versions/commit-version.ts";
import { getVersionDetail } from "../../src/versions/read-versions.ts";
import { tagVersion } from "../../src/versions/tag-version.ts";
import { restoreVersion } from "../../src/workflows/index.ts";
import { type Account, ctxOf, signUp } from "../worker/accounts.ts";
import { prompted, type Version, versioning } from "../worker/versions.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}
interface Draft {
  agents: { prompt?: string }[];
  revision: number;
  version: Version;
  unchanged: boolean;
}

const { workflow, save, versions } = versioning(() => account);
const tag = <Body = Version>(versionId: string, body: unknown) =>
  account.send<Body>("PUT", `/api/versions/${versionId}/tag`, body);

async function commit(id: string, commitMessage = "A commit", headers?: Record<string, string>) {
  return account.send<Version>("POST", `/api/workflows/${id}/versions`, { commitMessage }, headers);
}

async function draft(id: string): Promise<Draft> {
  return (await account.send<Draft>("GET", `/api/workflows/${id}`)).body;
}

async function promptOf(versionId: string | undefined): Promise<string | undefined> {
  const { body } = await account.send<{ workflowData: Draft }>("GET", `/api/versions/${versionId}`);
  return body.workflowData.agents[0]?.prompt;
}

/** A context whose database does something else right before its nth batch is sent, or right after it took effect. */
function ctxWhere(happens: { before?: number; after?: number; what: () => Promise<void> }): Ctx {
  let calls = 0;
  const around = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    calls += 1;
    const mine = calls;
    if (happens.before === mine) await happens.what();
    const result = await call();
    if (happens.after === mine) await happens.what();
    return result;
  };
  const ctx = ctxOf(account);
  const { d1 } = ctx.db;
  const watched = new Proxy(d1, {
    get(target, property) {
      if (property === "batch") return (statements: D1PreparedStatement[]) => around(() => target.batch(statements));
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...ctx, db: { ...ctx.db, d1: watched } };
}

const lostConnection = async () => {
  throw new Error("D1_ERROR: Network connection lost.");
};

describe("a tag that makes no sense", () => {
  test.each<[string, unknown, string, RegExp]>([
    ["a number", { tag: 7 }, "tag", /string/],
    ["digits", { tag: "12" }, "tag", /a letter, then/],
    ["a number in scientific notation as text", { tag: "1e3" }, "tag", /a letter, then/],
    ["a line break behind a name", { tag: "production\n" }, "tag", /a letter, then/],
    ["the draft", { tag: "draft" }, "tag", /another name/],
    ["a tag and a removal", { tag: "a", remove: "b" }, "remove", /either/],
    ["nothing", {}, "tag", /needs/],
    ["a split of no tag", { split: Array(2).fill({ versionId: "x", weight: 1 }) }, "tag", /needs/],
    ["a split of all tags", { tag: null, split: Array(2).fill({ versionId: "x", weight: 1 }) }, "split", /named/],
    ["a split between nobody", { tag: "live", split: [] }, "split", /two/],
    ["a split of one", { tag: "live", split: [{ versionId: "x", weight: 1 }] }, "split", /two/],
    ["a weight of 0", { tag: "live", split: Array(2).fill({ versionId: "x", weight: 0 }) }, "split[0].weight", />=1/],
    ["half a weight", { tag: "live", split: Array(2).fill({ versionId: "x", weight: 0.5 }) }, "split[0].weight", /int/],
    ["a field nobody knows", { tag: "live", weight: 3 }, "weight", /unknown/],
  ])("%s is refused with the field that is wrong", async (_, body, path, message) => {
    const { body: version } = await commit(await workflow());
    const answer = await tag<Refusal>(version.id, body);
    expect(answer.status).toBe(422);
    const detail = answer.body.error.details.find((each) => each.path === path);
    expect(detail?.message, JSON.stringify(answer.body)).toMatch(message);
  });

  test("a split of twenty thousand shares is refused, and the answer says how many may be", async () => {
    const { body: version } = await commit(await workflow());
    const split = Array.from({ length: 20_000 }, () => ({ versionId: "x", weight: -1 }));
    const answer = await tag<Refusal>(version.id, { tag: "live", split });
    expect(answer.status).toBe(422);
    expect(answer.body.error.details).toContainEqual({ path: "split", message: "at most ten versions share a tag" });
  });

  test("a version holds a bounded number of tags", async () => {
    const id = await workflow();
    const { body: version } = await commit(id);
    for (let i = 0; i < 50; i += 1) expect((await tag(version.id, { tag: `t${i}` })).status).toBe(200);
    const refused = await tag<Refusal>(version.id, { tag: "one-more" });
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "too_many_tags" } } });
    const body = { commitMessage: "Unchanged", tag: "one-more" };
    expect((await account.send("POST", `/api/workflows/${id}/versions`, body)).status).toBe(409);
    expect((await versions(id))[0]?.tags).toHaveLength(50);
    // One that it holds already may be given again.
    expect((await tag(version.id, { tag: "t7" })).status).toBe(200);
  });
});

describe("a reference that makes no sense", () => {
  test.each([
    "0",
    "00",
    "01",
    "1e0",
    "1.0",
    "+1",
    "-1",
    "0x1",
    "١",
    "1%2F2",
    "%2e%2e",
    "a%00b",
    "%F0%9F%98%80",
    "null",
  ])("%s names no version", async (reference) => {
    const id = await workflow();
    await commit(id);
    for (const path of [`versions/${reference}/compare/draft`, `versions/draft/compare/${reference}`]) {
      expect((await account.send("GET", `/api/workflows/${id}/${path}`)).status, path).toBe(404);
    }
    expect((await account.send("PUT", `/api/workflows/${id}/restore/${reference}`)).status).toBe(404);
    expect((await account.send("GET", `/api/versions/${reference}`)).status).toBe(404);
  });

  test("the draft cannot be restored, and a reference that is too long is refused", async () => {
    const id = await workflow();
    await commit(id);
    expect((await account.send("PUT", `/api/workflows/${id}/restore/draft`)).status).toBe(404);
    expect((await account.send("PUT", `/api/workflows/${id}/restore/${"x".repeat(65)}`)).status).toBe(422);
  });

  test("a cursor that this list did not give out is refused", async () => {
    const id = await workflow();
    await commit(id);
    for (const key of ["x", "1e3", "-1", "0", "9".repeat(30)]) {
      const answer = await account.send<Refusal>("GET", `/api/workflows/${id}/versions?cursor=${btoa(key)}`);
      expect(answer.status, key).toBe(422);
      expect(answer.body.error.details[0]?.path).toBe("cursor");
    }
  });

  test("a version compared with itself shows no difference, by whatever names", async () => {
    const id = await workflow();
    const { body: version } = await commit(id);
    for (const path of ["1/compare/1", `1/compare/${version.id}`, "draft/compare/draft", "1/compare/draft"]) {
      const answer = await account.send<{ summary: object }>("GET", `/api/workflows/${id}/versions/${path}`);
      expect(answer.status).toBe(200);
      expect(Object.values(answer.body.summary).filter(Boolean)).toEqual([]);
    }
  });
});

describe("what is tagged", () => {
  test("a save after tagging an automatic version leaves what the tag names as it was", async () => {
    const id = await workflow("one");
    await save(id, "deployed");
    const [deployed] = await versions(id);
    await tag(deployed?.id ?? "", { tag: "production" });
    await save(id, "not deployed");
    expect(await promptOf(deployed?.id)).toBe("deployed");
    expect((await versions(id)).map(({ kind, tags }) => [kind, tags])).toEqual([
      ["auto", []],
      ["auto", ["production"]],
    ]);
  });

  test("tagging a version that is pruned meanwhile finds no version, and the tag stays where it was", async () => {
    const id = await workflow("one");
    const { body: first } = await commit(id);
    await tag(first.id, { tag: "production" });
    await save(id, "two");
    const [auto] = await versions(id);
    const ctx = ctxWhere({
      before: 1,
      what: async () => {
        await env.DB.prepare("DELETE FROM versions WHERE id = ?").bind(auto?.id).run();
      },
    });
    await expect(tagVersion(ctx, auto?.id ?? "", { tag: "production" })).rejects.toMatchObject({
      code: "version_not_found",
    });
    expect((await versions(id))[0]).toMatchObject({ id: first.id, tags: ["production"] });
  });
});

describe("restoring at a bad moment", () => {
  test("restoring a version that was pruned finds nothing and changes nothing", async () => {
    const id = await workflow("one");
    await save(id, "two");
    const [auto] = await versions(id);
    await commit(id);
    await save(id, "three");
    await commit(id);
    await env.DB.prepare("DELETE FROM versions WHERE id = ?").bind(auto?.id).run();
    expect((await account.send("PUT", `/api/workflows/${id}/restore/${auto?.id}`)).status).toBe(404);
    expect((await draft(id)).agents[0]?.prompt).toBe("three");
  });

  test("a version that is amended while it is being restored is restored as it is now, and said to be the head", async () => {
    const id = await workflow("one");
    await save(id, "before");
    const [auto] = await versions(id);
    const ctx = ctxWhere({ before: 1, what: () => save(id, "amended") });
    const restored = await restoreVersion(ctx, id, auto?.id ?? "");
    expect(restored).toMatchObject({ unchanged: true, version: { id: auto?.id } });
    expect(restored.workflow.agents[0]?.prompt).toBe("amended");
  });

  test("a version that is pruned with its content while it is being restored is not found", async () => {
    const id = await workflow("one");
    await save(id, "pruned");
    const [auto] = await versions(id);
    await save(id, "two");
    await env.DB.prepare("UPDATE versions SET content_hash = ? WHERE id = ?").bind(auto?.contentHash, auto?.id).run();
    const target = auto?.id ?? "";
    await commit(id);
    const ctx = ctxWhere({
      before: 1,
      what: async () => {
        await env.DB.batch([
          env.DB.prepare("DELETE FROM versions WHERE id = ?").bind(target),
          env.DB.prepare("DELETE FROM snapshots WHERE hash = ?").bind(auto?.contentHash),
        ]);
      },
    });
    await expect(restoreVersion(ctx, id, target)).rejects.toMatchObject({ code: "version_not_found" });
    expect((await draft(id)).agents[0]?.prompt).toBe("two");
  });

  test("two restores at once both happen, one after the other, and the draft is the newest version", async () => {
    const id = await workflow("one");
    const { body: first } = await commit(id);
    await save(id, "two");
    const { body: second } = await commit(id);
    await save(id, "three");
    await commit(id);
    const answers = await Promise.all(
      [first, second].map(({ id: versionId }) =>
        account.send<Draft>("PUT", `/api/workflows/${id}/restore/${versionId}`),
      ),
    );
    expect(answers.map(({ status, body }) => [status, body.unchanged])).toEqual([
      [200, false],
      [200, false],
    ]);
    const history = await versions(id);
    expect(history.map(({ version }) => version)).toEqual([5, 4, 3, 2, 1]);
    expect(await promptOf(history[0]?.id)).toBe((await draft(id)).agents[0]?.prompt);
  });

  test("restores among saves lose no saved content that was the draft when it was replaced", async () => {
    const id = await workflow("one");
    const { body: first } = await commit(id);
    const work = Array.from({ length: 12 }, (_, i) =>
      i % 3 === 0
        ? account.send("PUT", `/api/workflows/${id}/restore/${first.id}`)
        : account.send("PUT", `/api/workflows/${id}`, prompted(`save ${i}`)),
    );
    for (const { status } of await Promise.all(work)) expect(status).toBe(200);
    const history = await versions(id);
    expect(history.map(({ version }) => version)).toEqual(history.map((_, i) => history.length - i));
    expect(await promptOf(history[0]?.id)).toBe((await draft(id)).agents[0]?.prompt);
    for (const { id: versionId } of history) expect(await promptOf(versionId)).toBeDefined();
  });
});

describe("a connection that is lost behind the effect", () => {
  test("a commit that is sent again is still told as new", async () => {
    const id = await workflow();
    const ctx = ctxWhere({ after: 1, what: lostConnection });
    expect(await commitVersion(ctx, { workflowId: id, commitMessage: "First" })).toMatchObject({ unchanged: false });
    expect(await versions(id)).toHaveLength(1);
  });

  test("a commit of an automatic head that is sent again is still told as new", async () => {
    const id = await workflow();
    await save(id, "two");
    const ctx = ctxWhere({ after: 1, what: lostConnection });
    expect(await commitVersion(ctx, { workflowId: id, commitMessage: "First" })).toMatchObject({ unchanged: false });
  });

  test("a restore that is sent again makes one version, and is told as new", async () => {
    const id = await workflow("one");
    const { body: first } = await commit(id);
    await save(id, "two");
    await commit(id);
    const restored = await restoreVersion(ctxWhere({ after: 1, what: lostConnection }), id, first.id);
    expect(restored).toMatchObject({ unchanged: false, version: { version: 3, kind: "restore" } });
    expect(await versions(id)).toHaveLength(3);
  });
});

test("a version that is amended while it is read is shown whole: the content that its hash names", async () => {
  const id = await workflow("one");
  await save(id, "first");
  const [auto] = await versions(id);
  const saves = (async () => {
    for (let i = 0; i < 25; i += 1) await save(id, `amended ${i}`);
  })();
  const reads = (async () => {
    for (let i = 0; i < 25; i += 1) await getVersionDetail(ctxOf(account), auto?.id ?? "");
  })();
  await Promise.all([saves, reads]);
});

describe("If-Match", () => {
  test("a commit or a restore on a draft that somebody changed meanwhile is refused", async () => {
    const id = await workflow("one");
    const { revision } = await draft(id);
    const { body: first } = await commit(id, "Seen", { "If-Match": `"${revision}"` });
    expect(first.version).toBe(1);
    await save(id, "somebody else's");
    const stale = { "If-Match": `"${revision}"` };
    expect(await commit(id, "Not seen", stale)).toMatchObject({
      status: 409,
      body: { error: { code: "draft_conflict" } },
    });
    const path = `/api/workflows/${id}/restore/${first.id}`;
    expect((await account.send("PUT", path, undefined, stale)).status).toBe(409);
    expect(await versions(id)).toHaveLength(2);
    expect((await versions(id))[0]).toMatchObject({ kind: "auto" });
    const current = { "If-Match": `"${(await draft(id)).revision}"` };
    expect((await account.send("PUT", path, undefined, current)).status).toBe(200);
    expect((await commit(id, "Bad", { "If-Match": "yesterday" })).status).toBe(400);
  });
});

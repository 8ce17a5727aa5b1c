import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startExecution, sweep } from "../../src/executions/index.ts";
import { LiveFeed } from "../../src/index.ts";
import { type Account, apiKey, client, joinAs, nobody, signUp } from "../worker/accounts.ts";
import { ctxWith, testEngine } from "../worker/engine.ts";
import { ended, execute, heldModel, letAllGo, settled } from "../worker/executions.ts";
import { bundleOf } from "../worker/imports.ts";
import { type Watcher, watch } from "../worker/live.ts";
import { answerAsOpenAi, type ModelAnswer } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

let owner: Account;
const open: Watcher[] = [];
beforeAll(async () => {
  owner = await signUp("Olga");
});
afterEach(async () => {
  letAllGo();
  await settled();
  for (const { socket } of open.splice(0)) socket.close(1000);
  vi.restoreAllMocks();
});

async function watcher(account: Parameters<typeof watch>[0]): Promise<Watcher> {
  const watching = await watch(account);
  open.push(watching);
  return watching;
}

const feedOf = (account: Account) => env.LIVE_FEED.getByName(account.workspaceId);
const told = ({ events }: Watcher) =>
  events.map(({ type, nodeId, status }) =>
    [type, nodeId ?? "-", status].filter((part) => part !== undefined).join(" "),
  );
const upgrade = { Upgrade: "websocket" };
const heard = (watching: Watcher, event: string) => vi.waitFor(() => expect(told(watching)).toContain(event), 5_000);

/** The code that a socket is closed with within the patience of a test. */
function closing(watching: Watcher): Promise<number | "still open"> {
  const patience = new Promise<"still open">((resolve) => setTimeout(() => resolve("still open"), 1_000));
  return Promise.race([watching.closed, patience]);
}

describe("the upgrade", () => {
  test("is asked for by whoever calls without it", async () => {
    const answer = await owner.send("GET", "/api/live");
    expect(answer).toMatchObject({ status: 426, body: { error: { code: "websocket_required" } } });
    expect(answer.headers.get("Upgrade")).toBe("websocket");
  });

  test("is refused to nobody, to a false key and to a page of another site", async () => {
    expect((await nobody.fetch("/api/live", { headers: upgrade })).status).toBe(401);
    const forged = client({ Authorization: `Bearer swarm_${"A".repeat(43)}`, Cookie: owner.cookie });
    expect((await forged.fetch("/api/live", { headers: upgrade })).status).toBe(401);
    for (const from of [{ Origin: "https://evil.example" }, { Origin: "null" }, { "Sec-Fetch-Site": "cross-site" }]) {
      const answer = await owner.fetch("/api/live", { headers: { ...upgrade, ...from } });
      expect([from, answer.status, answer.webSocket]).toEqual([from, 403, null]);
    }
  });

  test("lets a viewer and a key in, and nobody choose the workspace to watch", async () => {
    const stranger = await signUp();
    const viewer = await joinAs(owner, "viewer");
    const forgery = JSON.stringify({ workspaceId: stranger.workspaceId, userId: stranger.userId, role: "owner" });
    const response = await viewer.fetch("/api/live", { headers: { ...upgrade, "X-Swarm-Watcher": forgery } });
    expect(response.status).toBe(101);
    response.webSocket?.accept();
    response.webSocket?.close(1000);
    expect(await watchedUntil(stranger)).toBeNull();
    await watcher(await apiKey(viewer));
  });
});

async function watchedUntil(account: Account): Promise<unknown> {
  const row = env.DB.prepare("SELECT until FROM live_watches WHERE workspace_id = ?").bind(account.workspaceId);
  return row.first("until");
}

describe("what watchers are told", () => {
  test("every watcher of the workspace follows an execution, one of another workspace hears nothing", async () => {
    const stranger = await signUp();
    const [one, two, theirs] = [await watcher(owner), await watcher(await apiKey(owner)), await watcher(stranger)];
    answerAsOpenAi(() => ({ text: "ok" }));
    const workflowId = await createWorkflow(owner, ["a>b"]);
    const executionId = await execute(owner, workflowId);
    await ended(owner, executionId);
    await heard(one, "execution - succeeded");
    await heard(two, "execution - succeeded");
    expect(told(one)).toEqual([
      "execution - queued",
      "execution - running",
      "step a running",
      "cost a",
      "step a succeeded",
      "step b running",
      "log a",
      "cost b",
      "step b succeeded",
      "log b",
      "execution - succeeded",
    ]);
    expect(two.events).toEqual(one.events);
    for (const event of one.events) {
      expect(event).toMatchObject({ executionId, at: expect.stringMatching(/Z$/) });
      if (event.type === "execution") expect(event).toMatchObject({ workflowId });
    }
    // Their own execution reaches them, and so anything of ours would have before it.
    const own = await execute(stranger, await createWorkflow(stranger, ["z"]));
    await ended(stranger, own);
    await heard(theirs, "execution - succeeded");
    expect(theirs.events.every((event) => event.executionId === own)).toBe(true);
    expect(one.events.every((event) => event.executionId === executionId)).toBe(true);
  });

  test("no event holds a word of prompts, inputs, outputs, names or a provider's errors", async () => {
    const watching = await watcher(owner);
    answerAsOpenAi(
      ({ system }): ModelAnswer =>
        system?.includes("bad") ? { status: 400, type: "canary-error" } : { text: "canary-output" },
    );
    const agent = { name: "canary-name", prompt: "canary-prompt {{input}}", role: "canary-role" };
    const workflowId = await createWorkflow(owner, ['a>b?contains(output, `"canary"`)', "a>bad"], {
      agents: { a: agent, bad: agent },
    });
    await ended(owner, await execute(owner, workflowId, { input: "canary-input" }));
    await heard(watching, "execution - failed");
    expect(told(watching)).toContain("step bad failed");
    expect(watching.texts.join("\n")).not.toContain("canary");
  });

  test("a draft that is saved or restored is told with what its revision became, and to nobody else", async () => {
    const stranger = await signUp();
    const [watching, theirs] = [await watcher(owner), await watcher(stranger)];
    const workflowId = await createWorkflow(owner, ["a>b"]);
    const path = `/api/workflows/${workflowId}`;
    const { body } = await owner.send<{ revision: number }>("GET", path);
    await owner.send("POST", `${path}/versions`, { commitMessage: "First" });
    await owner.send("PUT", path, { ...body, settings: { maxParallel: 2 } });
    const versions = await owner.send<{ items: { id: string }[] }>("GET", `${path}/versions`);
    await owner.send("PUT", `${path}/restore/${versions.body.items.at(-1)?.id}`);
    await vi.waitFor(() => expect(watching.events).toHaveLength(2), 5_000);
    const at = expect.stringMatching(/Z$/);
    expect(watching.events).toEqual([
      { type: "draft", workflowId, revision: body.revision + 1, at },
      { type: "draft", workflowId, revision: body.revision + 2, at },
    ]);
    expect(theirs.events).toEqual([]);
  });

  test("a draft that is imported over is told, within the request and from the queue, and no dry run", async () => {
    const watching = await watcher(owner);
    const names = Array.from({ length: 21 }, (_, place) => `Imported over ${place}`);
    const post = (list: readonly unknown[], query: string) =>
      owner.send<{ importId?: string }>("POST", `/api/workflows/import?${query}`, list);
    const files = (definition: string) => names.map((name) => bundleOf(name, {}, definition));
    await post(files("before").slice(0, 20), "");
    await post(files("before").slice(20), "");
    const [first] = files("after");
    await post([first], "conflict=overwrite&dryRun=true");
    await post([first], "conflict=overwrite");
    await vi.waitFor(() => expect(watching.events).toHaveLength(1), 5_000);
    await post(files("later"), "conflict=overwrite");
    await vi.waitFor(() => expect(watching.events).toHaveLength(22), 10_000);
    const revisions = watching.events.map(({ type, revision }) => [type, revision]);
    expect(revisions).toEqual([["draft", 2], ["draft", 3], ...names.slice(1).map(() => ["draft", 2])]);
  });

  test("a cancel is told", async () => {
    const watching = await watcher(owner);
    heldModel();
    const executionId = await execute(owner, await createWorkflow(owner, ["a"]));
    await heard(watching, "step a running");
    await owner.send("POST", `/api/executions/${executionId}/cancel`);
    await heard(watching, "execution - cancelled");
  });

  test("a ping is answered, and what else a client says is not passed on", async () => {
    const [one, two] = [await watcher(owner), await watcher(owner)];
    for (const message of ["hello", JSON.stringify({ type: "execution" }), "x".repeat(100_000), "ping"]) {
      one.socket.send(message);
    }
    await vi.waitFor(() => expect(one.texts).toContain("pong"));
    expect([one.texts, two.texts]).toEqual([["pong"], []]);
  });

  test("a watcher goes on hearing after the object was evicted from memory", async () => {
    const watching = await watcher(owner);
    await evictDurableObject(feedOf(owner));
    answerAsOpenAi(() => ({ text: "ok" }));
    await ended(owner, await execute(owner, await createWorkflow(owner, ["a"])));
    await heard(watching, "execution - succeeded");
    await evictDurableObject(feedOf(owner));
    watching.socket.send("ping");
    await vi.waitFor(() => expect(watching.texts).toContain("pong"));
  });
});

describe("losing access", () => {
  test("a removed member, a deleted key and a changed role lose their sockets; the others keep theirs", async () => {
    const account = await signUp();
    const [removed, demoted] = [await joinAs(account, "editor"), await joinAs(account, "editor")];
    const key = await apiKey(account);
    const sockets = {
      owner: await watcher(account),
      removed: await watcher(removed),
      demoted: await watcher(demoted),
      key: await watcher(key),
    };
    expect(await runDurableObjectAlarm(feedOf(account))).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(Object.values(sockets).map(({ socket }) => socket.readyState)).toEqual([1, 1, 1, 1]);
    const members = await account.send<{ items: { id: string; userId: string }[] }>("GET", "/api/members");
    const memberOf = (who: Account) => members.body.items.find(({ userId }) => userId === who.userId)?.id;
    await account.send("DELETE", `/api/members/${memberOf(removed)}`);
    await account.send("PUT", `/api/members/${memberOf(demoted)}`, { role: "viewer" });
    await account.send("DELETE", `/api/api-keys/${key.id}`);
    // Hibernation in between: who watches must not be forgotten with the memory.
    await evictDurableObject(feedOf(account));
    expect(await runDurableObjectAlarm(feedOf(account))).toBe(true);
    expect(await Promise.all([closing(sockets.removed), closing(sockets.demoted), closing(sockets.key)])).toEqual([
      4403, 4403, 4403,
    ]);
    // Closed sockets are not in the way of the next look, and events still come.
    expect(await runDurableObjectAlarm(feedOf(account))).toBe(true);
    answerAsOpenAi(() => ({ text: "ok" }));
    await ended(account, await execute(account, await createWorkflow(account, ["a"])));
    await heard(sockets.owner, "execution - succeeded");
    expect(sockets.removed.events).toEqual([]);
  });

  test("signing out closes the session's socket", async () => {
    const account = await signUp();
    const watching = await watcher(account);
    await account.fetch("/api/auth/sign-out", { method: "POST", headers: { Origin: "http://swarm.test" } });
    expect((await account.send("GET", "/api/me")).status).toBe(401);
    await runDurableObjectAlarm(feedOf(account));
    expect(await closing(watching)).toBe(4403);
  });
});

describe("while nobody watches", () => {
  test("nothing is published, whatever happens: starting, running, failing, cancelling, timing out", async () => {
    const account = await signUp();
    const published = vi.spyOn(LiveFeed.prototype, "publish");
    const { calls, letGo } = heldModel();
    const cancelled = await execute(account, await createWorkflow(account, ["a"]));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    await account.send("POST", `/api/executions/${cancelled}/cancel`);
    letGo();
    answerAsOpenAi(({ system }): ModelAnswer => (system === "You are bad." ? { status: 400 } : { text: "ok" }));
    const run = async () => ended(account, await execute(account, await createWorkflow(account, ["a>b", "a>bad"])));
    expect((await run()).status).toBe("failed");

    const publish = vi.fn();
    const engine = testEngine({ publish });
    const workflowId = await createWorkflow(account, ["a"], { settings: { timeoutSeconds: 1 } });
    const trigger = { type: "manual", id: null } as const;
    await startExecution(ctxWith(account, engine), engine, { workflowId, input: null, trigger });
    engine.clock.advance(62_000);
    await sweep(engine);
    expect(
      await env.DB.prepare("SELECT status FROM executions WHERE workflow_id = ?").bind(workflowId).first("status"),
    ).toBe("failed");
    expect([published.mock.calls, publish.mock.calls]).toEqual([[], []]);

    // The same with a watcher: the spy does see what is published.
    await watcher(account);
    await run();
    await vi.waitFor(() => expect(published).toHaveBeenCalled());
  });

  test("a watch that ran out is none, and one that was renewed by the alarm is one again", async () => {
    const account = await signUp();
    await watcher(account);
    const publish = vi.fn();
    const run = async () => {
      publish.mockClear();
      answerAsOpenAi(() => ({ text: "ok" }));
      const engine = testEngine({ publish });
      const workflowId = await createWorkflow(account, ["a"]);
      const trigger = { type: "manual", id: null } as const;
      await startExecution(ctxWith(account, engine), engine, { workflowId, input: null, trigger });
      await engine.drain();
      return publish.mock.calls.length;
    };
    expect(await run()).toBeGreaterThan(0);
    await env.DB.prepare("UPDATE live_watches SET until = ? WHERE workspace_id = ?")
      .bind(Date.now() - 1, account.workspaceId)
      .run();
    expect(await run()).toBe(0);
    expect(await runDurableObjectAlarm(feedOf(account))).toBe(true);
    expect(await run()).toBeGreaterThan(0);
  });

  test("the object stops waking up once the last watcher has gone", async () => {
    const account = await signUp();
    const watching = await watch(account);
    watching.socket.close(1000);
    await vi.waitFor(async () => {
      const left = await runInDurableObject(feedOf(account), (_, state) => state.getWebSockets().length);
      expect(left).toBe(0);
    });
    expect(await runDurableObjectAlarm(feedOf(account))).toBe(true);
    expect(await runDurableObjectAlarm(feedOf(account))).toBe(false);
  });
});

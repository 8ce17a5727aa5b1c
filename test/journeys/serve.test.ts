import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf } from "../support/account.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";
import { isRunning, type StartedProcess, spawnNpmStart, spawnStart } from "../support/start-process.ts";

describe("the built Worker", () => {
  let swarm: TestInstance;
  beforeAll(async () => {
    swarm = await startTestInstance();
  });
  afterAll(() => swarm?.stop());

  test("answers its health from a migrated database", async () => {
    const answer = await answerOf(await fetch(`${swarm.url}/api/health`));
    expect(answer).toMatchObject({ status: 200, body: { status: "ok", database: "ok" } });
    const migrations = await swarm.query("SELECT name FROM d1_migrations ORDER BY name");
    const files = readdirSync("migrations").filter((name) => name.endsWith(".sql"));
    expect(migrations.map((row) => row.name)).toEqual(files.sort());
  });

  test("runs its cron when asked", async () => {
    await swarm.scheduled();
    expect(swarm.logs.filter((line) => line.level === "error")).toEqual([]);
  });

  test("serves the page at every address of the dashboard", async () => {
    const page = await answerOf(await fetch(`${swarm.url}/`));
    const deep = await answerOf(await fetch(`${swarm.url}/workflows/some-id/versions`));
    expect(page.status).toBe(200);
    expect(page.headers.get("Content-Type")).toContain("text/html");
    expect(page.body).toContain("<title>Swarm</title>");
    expect(deep.body).toBe(page.body);
    const etag = deep.headers.get("ETag") ?? "";
    const again = await fetch(`${swarm.url}/workflows/other-id`, { headers: { "If-None-Match": etag } });
    expect(again.status).toBe(304);
  });

  test("answers an unknown address of the API with the error envelope, not with the page", async () => {
    const answer = await answerOf(await fetch(`${swarm.url}/api/unknown`));
    expect(answer).toMatchObject({ status: 404, body: { error: { code: "not_found", details: [] } } });
  });

  test("lists its routes in an OpenAPI document, and shows them on a page that loads nothing from elsewhere", async () => {
    const document = await answerOf(await fetch(`${swarm.url}/api/openapi.json`));
    expect(document.body).toMatchObject({
      openapi: "3.1.0",
      info: { title: "Swarm API" },
      paths: { "/api/health": { get: { summary: expect.any(String) } } },
      components: { securitySchemes: { apiKey: { scheme: "bearer" }, session: { in: "cookie" } } },
    });
    const page = await answerOf(await fetch(`${swarm.url}/api/docs`));
    expect(page.status).toBe(200);
    expect(page.body).toContain("<title>Swarm API reference</title>");
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});

test("accounts and sessions survive a restart", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "swarm-restart-"));
  try {
    const before = await startTestInstance({ stateDir });
    const person = await before.signUp();
    await before.stop();

    const after = await startTestInstance({ stateDir });
    const me = await fetch(`${after.url}/api/me`, { headers: person.headers });
    expect(await answerOf(me)).toMatchObject({ status: 200, body: { user: { email: person.email } } });
    await after.stop();
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});

describe("npm start", () => {
  const folders: string[] = [];
  const started: StartedProcess[] = [];
  const start = (environment: Record<string, string>, spawn = spawnStart) => {
    const process = spawn({ PORT: "0", ...environment });
    started.push(process);
    return process;
  };
  const stateFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), "swarm-start-"));
    folders.push(folder);
    return folder;
  };
  const urlOf = async (process: StartedProcess) => (await process.printed(/running at (http:\S+)/))[1] ?? "";
  afterAll(async () => {
    for (const process of started) {
      process.kill();
      await process.exited;
    }
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends every process that it started, with exit code 0",
    async (signal) => {
      const process = start({ SWARM_STATE: stateFolder() });
      const url = await urlOf(process);
      await process.printed(/Press Ctrl-C/);
      const children = childrenOf(process.child.pid);
      expect(children.length).toBeGreaterThan(0);

      process.child.kill(signal);

      expect(await process.exited).toBe(0);
      expect(children.filter(isRunning)).toEqual([]);
      await expect(fetch(`${url}/api/health`)).rejects.toThrow();
    },
  );

  test("a supervisor's SIGTERM to npm itself reaches the server, and ends every process below npm", async () => {
    const npm = start({ SWARM_STATE: stateFolder() }, spawnNpmStart);
    const url = await urlOf(npm);
    await npm.printed(/Press Ctrl-C/);
    const below = processesBelow(npm.child.pid);
    const commands = below.map(commandOf).join("\n");
    expect(commands).toContain("scripts/start.ts");
    expect(commands).toContain("workerd serve");

    npm.child.kill("SIGTERM");

    await expect.poll(() => below.filter(isRunning), { timeout: 15_000 }).toEqual([]);
    expect(await npm.exited).toBe(0);
    expect(npm.output()).toContain("Stopping on SIGTERM");
    await expect(fetch(`${url}/api/health`)).rejects.toThrow();
  });

  test("Ctrl-C under npm, which tells the server twice, is one request to stop in order", async () => {
    const npm = start({ SWARM_STATE: stateFolder() }, spawnNpmStart);
    await npm.printed(/Press Ctrl-C/);
    const { pid } = npm.child;
    if (pid === undefined) throw new Error("npm did not start.");
    const below = processesBelow(pid);

    // A terminal tells the whole group.
    process.kill(-pid, "SIGINT");

    await expect.poll(() => below.filter(isRunning), { timeout: 15_000 }).toEqual([]);
    expect(await npm.exited).toBe(0);
  });

  test("Ctrl-C while it starts is no fault of what it was doing, and starts nothing", async () => {
    const npm = start({ SWARM_STATE: stateFolder() }, spawnNpmStart);
    await npm.printed(/Starting \.\.\./);
    const { pid } = npm.child;
    if (pid === undefined) throw new Error("npm did not start.");
    process.kill(-pid, "SIGINT");
    expect(await npm.exited).toBe(0);
    expect(npm.output()).toMatch(/Starting \.\.\.\nStopping on SIGINT \.\.\.\n$/);
  });

  test("the runtime does not outlive a start that is killed hard", async () => {
    const process = start({ SWARM_STATE: stateFolder() });
    await process.printed(/Press Ctrl-C/);
    const children = childrenOf(process.child.pid);

    process.child.kill("SIGKILL");

    await expect.poll(() => children.filter(isRunning), { timeout: 5_000 }).toEqual([]);
  });

  test("without a key it says that replies are simulated, and with one which provider works", async () => {
    const simulated = start({ SWARM_STATE: stateFolder() });
    await simulated.printed(/Press Ctrl-C/);
    expect(simulated.output()).toContain("replies are SIMULATED");
    expect(await (await fetch(`${await urlOf(simulated)}/api/health`)).json()).toMatchObject({
      simulatedProviders: true,
    });

    const keyed = start({ SWARM_STATE: stateFolder(), GEMINI_API_KEY: "some-key" });
    await keyed.printed(/Press Ctrl-C/);
    expect(keyed.output()).toContain("Configured providers: gemini. Agents of others fall back to these");
    expect(await (await fetch(`${await urlOf(keyed)}/api/health`)).json()).toMatchObject({ simulatedProviders: false });
  });

  test("a port or a state folder in use, and what can be no folder, is refused with advice, and touches nothing", async () => {
    const folder = stateFolder();
    const first = start({ SWARM_STATE: folder });
    const port = new URL(await urlOf(first)).port;

    const samePort = start({ SWARM_STATE: join(folder, "unused"), PORT: port });
    expect(await samePort.exited).toBe(1);
    expect(samePort.output()).toContain(`Port ${port} is taken`);
    expect(existsSync(join(folder, "unused"))).toBe(false);

    const noPort = start({ SWARM_STATE: join(folder, "unused"), PORT: "70000" });
    expect(await noPort.exited).toBe(1);
    expect(noPort.output()).toContain("PORT must be at most 65535, but is 70000.");

    const sameFolder = start({ SWARM_STATE: folder });
    expect(await sameFolder.exited).toBe(1);
    expect(sameFolder.output()).toContain("Another instance is running on");

    // A file, and a place where no folder can be made, which Node's own mkdir tries for ever.
    for (const unusable of [join(folder, "secrets.env"), "/proc/swarm/state"]) {
      const refused = start({ SWARM_STATE: unusable });
      expect(await refused.exited).toBe(1);
      expect(refused.output()).toContain("SWARM_STATE takes a folder that may be written to");
    }
  });

  test("the secret that it makes up is kept for the next start and readable by nobody else", async () => {
    const folder = stateFolder();
    const read = () => readFileSync(join(folder, "secrets.env"), "utf8");
    const first = start({ SWARM_STATE: folder });
    await first.printed(/Press Ctrl-C/);
    const secret = read();
    expect(secret).toMatch(/^AUTH_SECRET=\S{32,}$/m);
    expect(statSync(join(folder, "secrets.env")).mode & 0o777).toBe(0o600);
    first.child.kill("SIGTERM");
    await first.exited;

    const second = start({ SWARM_STATE: folder });
    await second.printed(/Press Ctrl-C/);
    expect(read()).toBe(secret);
  });
});

function childrenOf(pid: number | undefined): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
}

function parentOf(pid: number): number | undefined {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** Everything that a process has started, and what that has started in turn. */
function processesBelow(pid: number | undefined): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...processesBelow(child)]);
}

/** The command line of a process, its words apart by spaces. */
function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { startCloudflare } from "../support/deploy/cloudflare.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** The real wrangler starts some twenty times, each of which is seconds on a machine that is busy elsewhere too. */
const REAL_DEPLOYMENT_MS = 300_000;

let home: string;
let running: ChildProcess | undefined;
let server: Server;
let url: string;
/** Where it was asked whether it answers, and what it says of itself then. */
let asked: (string | undefined)[] = [];
let health: object = {};

beforeAll(async () => {
  server = createServer(({ url: path }, response) => {
    asked.push(path);
    response.end(JSON.stringify({ status: "ok", ...health }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = z.object({ port: z.number() }).parse(server.address());
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  asked = [];
  health = { unclaimed: true, setupTokenNeeded: true };
  home = mkdtempSync(join(tmpdir(), "swarm-stand-in-"));
  mkdirSync(join(home, "bin"));
  copyFileSync(join(ROOT, "test", "support", "deploy", "wrangler.mjs"), join(home, "bin", "wrangler"));
  for (const folder of ["bin", "npm"]) {
    mkdirSync(join(home, folder), { recursive: true });
    writeFileSync(join(home, folder, "npm"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  }
});
afterEach(async () => {
  // One that hangs would go on without the stand-ins, with the real commands.
  if (running?.exitCode === null && running.signalCode === null) {
    running.kill("SIGKILL");
    await once(running, "exit");
  }
  rmSync(home, { recursive: true, force: true });
});

/** Runs the deployment, with the stand-in for wrangler before the real one. */
async function deploy(args: readonly string[], vars: Record<string, string> = {}, standIn = true) {
  return runScript("scripts/deploy.ts", args, vars, standIn);
}

async function runScript(script: string, args: readonly string[], vars: Record<string, string> = {}, standIn = true) {
  const path = standIn ? [join(home, "bin"), process.env.PATH].join(delimiter) : process.env.PATH;
  const { CLOUDFLARE_ACCOUNT_ID: _, CLOUDFLARE_API_TOKEN: __, ...env } = process.env;
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...env, PATH: path, STAND_IN_HOME: home, STAND_IN_URL: url, ...vars },
  });
  running = child;
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, output };
}

const accountSchema = z.looseObject({ secrets: z.record(z.string(), z.string()) });

const calls = () =>
  existsSync(join(home, "calls")) ? readFileSync(join(home, "calls"), "utf8").trimEnd().split("\n") : [];
const account = () => accountSchema.parse(JSON.parse(readFileSync(join(home, "account.json"), "utf8")));
const withAccount = (given: object) => writeFileSync(join(home, "account.json"), JSON.stringify(given));
const forgetCalls = () => rmSync(join(home, "calls"), { force: true });
/** Commands that make or set something. */
const creating = () => calls().filter((line) => /\b(create|add|bulk)\b/.test(line));

describe("a deployment", () => {
  test("makes everything the first time, nothing twice, and writes no secret over", async () => {
    const first = await deploy(["--env", "staging"], {
      OPENAI_API_KEY: "sk-given",
      PUBLIC_URL: "https://swarm.example.com",
    });
    expect(first).toMatchObject({ code: 0 });
    expect(creating()).toEqual([
      "d1 create swarm-staging",
      "queues create executions-staging",
      "queues create executions-dead-staging",
      "r2 bucket create swarm-staging-outputs",
      "r2 bucket create swarm-staging-exports",
      "r2 bucket lifecycle add swarm-staging-exports expire-exports exports/ --expire-days 8 --abort-multipart-days 2 --force",
      "r2 bucket lifecycle add swarm-staging-exports expire-imports imports/ --expire-days 8 --abort-multipart-days 2 --force",
      "secret bulk --env staging",
      "pages project create swarm-dashboard --production-branch main --compatibility-date 2026-11-01 --force",
    ]);
    const { secrets } = account();
    expect(Object.keys(secrets)).toEqual(["AUTH_SECRET", "ENCRYPTION_KEY", "SETUP_TOKEN", "OPENAI_API_KEY"]);
    expect(secrets.AUTH_SECRET).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(secrets.AUTH_SECRET).not.toBe(secrets.ENCRYPTION_KEY);
    const address = `https://swarm.example.com/sign-up#setup=${secrets.SETUP_TOKEN}`;
    expect(first.output.split("\n")).toContain(`  ${address}`);
    // Otherwise not even in what is printed or in a list of processes.
    const shown = first.output.replace(address, "") + calls().join();
    for (const secret of Object.values(secrets)) expect(shown).not.toContain(secret);
    const order = ["d1 migrations", "secret bulk", "deploy --env", "pages deploy"].map((begin) =>
      calls().findIndex((line) => line.startsWith(begin)),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(calls()).toContain("deploy --env staging --keep-vars --var PUBLIC_URL:https://swarm.example.com");
    expect(calls()).toContain("pages deploy dist --branch staging --commit-dirty=true --force");
    expect(asked).toEqual(["/api/health", "/pages/api/health"]);

    withAccount({ ...account(), owned: true });
    forgetCalls();
    const again = await deploy(["--env", "staging"]);
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining("Database swarm-staging: is there") });
    expect(creating()).toEqual([]);
    expect(account().secrets).toEqual(secrets);
    expect(again.output).not.toContain("#setup=");
  });

  test("prints an address for the first account until there is one, each time with a token that works, also when it fails late", async () => {
    const printed = (output: string) => /^ {2}http\S+\/sign-up#setup=(.+)$/m.exec(output)?.[1];
    const failing = await deploy(["--env", "production"], { STAND_IN_FAILS: "pages deploy" });
    expect(failing.code).toBe(1);
    expect(printed(failing.output)).toMatch(/^[\w-]{43}$/);
    expect(printed(failing.output)).toBe(account().secrets.SETUP_TOKEN);
    const { SETUP_TOKEN: _, ...others } = account().secrets;

    // Chosen by somebody, it is that person's secret.
    const chosen = "c".repeat(32);
    const given = await deploy(["--env", "production"], { SETUP_TOKEN: chosen });
    expect(printed(given.output)).toBe("(your SETUP_TOKEN)");
    expect(given.output + calls().join()).not.toContain(chosen);
    expect(account().secrets.SETUP_TOKEN).toBe(chosen);
    const short = await deploy(["--env", "production"], { SETUP_TOKEN: "short" });
    expect(short).toMatchObject({ code: 1, output: expect.stringContaining("SETUP_TOKEN of the environment cannot") });

    // Somebody made it while the deployment was on its way.
    health = { unclaimed: false, setupTokenNeeded: false };
    const late = await deploy(["--env", "production"]);
    expect(late).toMatchObject({ code: 0, output: expect.not.stringContaining("#setup=") });
    expect(account().secrets).toMatchObject(others);
    // Nobody can read the one before.
    expect(account().secrets.SETUP_TOKEN).not.toBe(chosen);
  });

  test("stops at the first fault, says what is done and what to do, and goes on from there", async () => {
    const failed = await deploy(["--env", "production"], {
      STAND_IN_FAILS: "r2 bucket info",
      STAND_IN_SAYS: "Please enable R2 through the Cloudflare Dashboard. [code: 10042]",
    });
    expect(failed.code).toBe(1);
    expect(failed.output).toContain("Done so far: Login; Database swarm; Queue executions; Queue executions-dead.");
    expect(failed.output).toContain("What to do: Enable R2 for the account once");
    expect(calls().some((line) => line.startsWith("deploy"))).toBe(false);

    forgetCalls();
    expect(await deploy(["--env", "production"])).toMatchObject({ code: 0 });
    expect(creating().filter((line) => /^(d1|queues)/.test(line))).toEqual([]);
  });

  test("is asked at PUBLIC_URL where the Worker has no workers.dev address", async () => {
    withAccount({ address: "swarm.example.com (custom domain)" });
    expect(await deploy(["--env", "staging"], { PUBLIC_URL: `${url}/own/` })).toMatchObject({ code: 0 });
    expect(asked).toEqual(["/own/api/health", "/pages/api/health"]);
  });

  test("sets secrets of the newest version where another runs since a rollback", async () => {
    const secrets = { AUTH_SECRET: "a", ENCRYPTION_KEY: "e" };
    withAccount({ workers: ["swarm"], databases: ["swarm"], secrets, rolledBack: true, owned: true });
    expect(await deploy(["--env", "production"], { OPENAI_API_KEY: "sk-given" })).toMatchObject({ code: 0 });
    expect(account().secrets).toEqual({ ...secrets, OPENAI_API_KEY: "sk-given" });
    expect(calls().filter((line) => line.includes("bulk"))).toEqual([
      "secret bulk --env production",
      "versions secret bulk --env production",
    ]);
  });

  test("makes no new ENCRYPTION_KEY for a database with something sealed, and takes the one that is given", async () => {
    withAccount({ databases: ["swarm"], sealed: true });
    const { code, output } = await deploy(["--env", "production"]);
    expect(code).toBe(1);
    expect(output).toContain("What to do: Give ENCRYPTION_KEY in the environment");
    expect(account().secrets).toEqual({});
    const given = "k".repeat(32);
    expect(await deploy(["--env", "production"], { ENCRYPTION_KEY: given })).toMatchObject({ code: 0 });
    expect(account().secrets.ENCRYPTION_KEY).toBe(given);

    withAccount({ databases: ["swarm"], withoutTables: true });
    expect(await deploy(["--env", "production"])).toMatchObject({ code: 0 });
  });

  test.each([
    ["deploy", "Cannot apply new-class migration to class Live that is already depended on", "Compare [[migrations]]"],
    ["d1 migrations", "Migration 0031.sql failed: no such column: account_id", "The failed migration was rolled back"],
    ["pages deploy", "Please upgrade wrangler", "Mend what it says."],
    ["d1 create", "A database with that name already exists", "Run this again: it was made meanwhile"],
  ])("says what to do about a fault of %s and not of another command", async (command, said, advice) => {
    const { output } = await deploy(["--env", "production"], { STAND_IN_FAILS: command, STAND_IN_SAYS: said });
    expect(output).toContain(`What to do: ${advice}`);
  });

  test("makes no new secrets when those that are there cannot be listed", async () => {
    expect(await deploy(["--env", "production"])).toMatchObject({ code: 0 });
    const { secrets } = account();
    expect((await deploy(["--env", "production"], { STAND_IN_FAILS: "secret list" })).code).toBe(1);
    expect(account().secrets).toEqual(secrets);
  });

  test.each([
    ["nobody is logged in", { loggedIn: false }, "npx wrangler login", ["whoami --json"]],
    [
      "it is not clear which account is meant",
      {
        accounts: [
          { id: "a1", name: "Home" },
          { id: "b2", name: "Work" },
        ],
      },
      "Set CLOUDFLARE_ACCOUNT_ID to one of: a1 (Home), b2 (Work)",
      ["whoami --json"],
    ],
  ])("touches nothing when %s", async (_, given, advice, ran) => {
    withAccount(given);
    const { code, output } = await deploy([]);
    expect({ code, calls: calls() }).toEqual({ code: 1, calls: ran });
    expect(output).toContain(advice);
  });

  test("tells wrangler which account is meant, and asks nothing of a token that may not list accounts", async () => {
    expect(await deploy(["--env", "staging"])).toMatchObject({ code: 0 });
    const accounts = () => readFileSync(join(home, "accounts"), "utf8").trimEnd().split("\n");
    expect(new Set(accounts().filter((id) => id !== ""))).toEqual(new Set(["a1"]));

    withAccount({ ...account(), unlisted: true });
    const { code, output } = await deploy(["--env", "staging"]);
    expect(code).toBe(1);
    expect(output).toContain("What to do: Set CLOUDFLARE_ACCOUNT_ID");
    const chosen = await deploy(["--env", "staging"], { CLOUDFLARE_ACCOUNT_ID: "c3" });
    expect(chosen).toMatchObject({ code: 0, output: expect.stringContaining("Login: account c3") });
  });

  test("writes over no Worker of another project", async () => {
    withAccount({ workers: ["swarm"] });
    const { code, output } = await deploy(["--env", "production"]);
    expect({ code, made: creating() }).toEqual({ code: 1, made: [] });
    expect(output).toContain("What to do: Give this installation other names in wrangler.toml");
  });

  test("is not done where Pages takes production for a preview, which is bound to the other Worker", async () => {
    withAccount({ projects: ["swarm-dashboard"], productionBranch: "master", consumersAreServices: true });
    const { code, output } = await deploy(["--env", "production"]);
    expect(code).toBe(1);
    expect(output).toContain("the production branch of the project swarm-dashboard is master, not main");
  });

  test("refuses settings that the Worker could not use, before it asks anybody, and says which are left as they were", async () => {
    const { code, output } = await deploy(["--env", "production"], { PUBLIC_URL: "swarm.example.com" });
    expect({ code, calls: calls() }).toEqual({ code: 1, calls: [] });
    expect(output).toContain("PUBLIC_URL takes an address with its scheme");

    withAccount({ workers: ["swarm"], databases: ["swarm"], secrets: { AUTH_SECRET: "a", ENCRYPTION_KEY: "e" } });
    const again = await deploy(["--env", "production"], { ENCRYPTION_KEY: "k".repeat(32) });
    expect(again.output).toContain("left as they were: ENCRYPTION_KEY");
    expect(account().secrets.ENCRYPTION_KEY).toBe("e");
  });

  test.each([
    [{ forgetsConsumers: true }, "swarm is not registered as consumer of the queue executions"],
    [{ forgetsCron: true }, 'The cron "* * * * *" was not registered'],
  ])("is not done while %o", async (given, message) => {
    withAccount(given);
    const { code, output } = await deploy(["--env", "production"]);
    expect(code).toBe(1);
    expect(output).toContain(message);
  });
});

describe("a deployment by the real wrangler", () => {
  test(
    "makes, sets and binds everything at Cloudflare's API, and understands what wrangler says of it",
    async () => {
      const cloudflare = await startCloudflare();
      // As an earlier deployment left it: everything in the bucket expires. Beside it a rule of somebody's own.
      const own = { id: "own", enabled: true, conditions: { prefix: "own/" } };
      cloudflare.buckets.set("swarm-staging-exports", [{ ...own, id: "expire-exports", conditions: {} }, own]);
      try {
        const { code, output } = await deploy(
          ["--env", "staging"],
          {
            ...{ CLOUDFLARE_API_BASE_URL: `${cloudflare.url}/client/v4`, CLOUDFLARE_API_TOKEN: "a-token", HOME: home },
            ...{ NODE_OPTIONS: `--import ${join(ROOT, "test", "support", "deploy", "to-stand-in.mjs")}` },
            // Of the stand-ins for commands only npm's, which builds nothing.
            ...{ STAND_IN_URL: cloudflare.url, PATH: [join(home, "npm"), process.env.PATH].join(delimiter) },
          },
          false,
        );
        expect({ code, unknown: cloudflare.unknown }, output).toEqual({ code: 0, unknown: [] });
        expect(cloudflare).toMatchObject({
          databases: new Set(["swarm-staging"]),
          queues: new Map([
            ["executions-staging", "swarm-staging"],
            ["executions-dead-staging", "swarm-staging"],
          ]),
          buckets: new Map([
            ["swarm-staging-outputs", []],
            [
              "swarm-staging-exports",
              [
                own,
                ...["exports", "imports"].map((kind) =>
                  expect.objectContaining({ id: `expire-${kind}`, enabled: true, conditions: { prefix: `${kind}/` } }),
                ),
              ],
            ],
          ]),
          workers: new Map([["swarm-staging", ["AUTH_SECRET", "ENCRYPTION_KEY", "SETUP_TOKEN"]]]),
          pages: ["staging: swarm-staging"],
        });
        expect(cloudflare.changes).toContain("PUT /workers/scripts/swarm-staging/schedules");
        expect(output).toContain("https://swarm-staging.acme.workers.dev/sign-up#setup=");
      } finally {
        cloudflare.close();
      }
    },
    REAL_DEPLOYMENT_MS,
  );
});

describe("an export of the database", () => {
  const exported = () => readFileSync(join(home, "swarm.sql"), "utf8");
  const exportDatabase = (vars?: Record<string, string>) =>
    runScript("scripts/db-export.ts", ["--env", "staging", "--output", join(home, "swarm.sql")], vars);
  const indexed = () => z.looseObject({ indexed: z.boolean() }).parse(account()).indexed;

  test("goes around the full-text index, and its file makes the index too", async () => {
    withAccount({ indexed: true, secrets: {} });
    expect(await exportDatabase()).toMatchObject({ code: 0 });
    expect(exported()).toContain("CREATE TABLE texts");
    expect(exported()).toMatch(/CREATE VIRTUAL TABLE.+CREATE TRIGGER.+VALUES \('rebuild'\);\n$/s);
    expect(indexed()).toBe(true);
    // Nothing in the way of the next one.
    expect(await exportDatabase()).toMatchObject({ code: 0 });
  });

  test("that fails brings the index back, and one that cannot says how", async () => {
    withAccount({ indexed: true, secrets: {} });
    expect(await exportDatabase({ STAND_IN_FAILS: "d1 export" })).toMatchObject({ code: 1 });
    expect(indexed()).toBe(true);

    const restoring = "d1 execute DB --remote --env staging --yes --file";
    expect((await exportDatabase({ STAND_IN_FAILS: restoring })).code).toBe(1);
    expect(indexed()).toBe(false);
    expect((await exportDatabase()).output).toContain(
      `npx wrangler ${restoring} ${join(home, "swarm.sql.rebuild.sql")}`,
    );
  });
});

describe("a dry run", () => {
  test("has the real wrangler bundle what would be deployed, and lists each step without asking anybody", async () => {
    const { code, output } = await deploy(["--dry-run", "--env", "staging"], {}, false);
    expect({ code, calls: calls() }).toEqual({ code: 0, calls: [] });
    expect(output).toContain("wrangler deploy --env staging --keep-vars");
    expect(output).toContain("wrangler queues create executions-dead-staging");
    expect(output).toContain("a new SETUP_TOKEN while nobody owns the installation");
  });
});

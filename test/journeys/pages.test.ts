import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchLive } from "../../scripts/demo/live-feed.ts";
import { type Account, answerOf, signUp } from "../support/account.ts";
import { type StartedProcess, spawnWrangler } from "../support/start-process.ts";
import { createWorkflow } from "../support/workflows.ts";

let folder: string;
const started: StartedProcess[] = [];
let url: string;
let person: Account;

/** The dashboard as a Pages project whose service binding is a Worker that runs beside it. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "swarm-pages-"));
  // Other sessions of wrangler on this machine know each other by this folder, and may run a Worker of the same name.
  const environment = { WRANGLER_REGISTRY_PATH: join(folder, "registry") };
  const variables = join(folder, "vars.env");
  writeFileSync(
    variables,
    [
      "AUTH_SECRET=a-secret-for-tests-only-32-characters-long",
      "ENCRYPTION_KEY=another-secret-for-tests-32-characters-long",
      "OPEN_SIGNUP=true",
    ].join("\n"),
  );
  const start = (args: string[], project: string) => {
    const process = spawnWrangler([...args, "--persist-to", join(folder, "state")], project, environment);
    started.push(process);
    return process;
  };
  const migrated = start(["d1", "migrations", "apply", "DB", "--local"], ".");
  expect(await migrated.exited, migrated.output()).toBe(0);
  const worker = start(["dev", "--port", "0", "--inspector-port", "0", "--env-file", variables], ".");
  await worker.printed(/Ready on http/);
  const pages = start(["pages", "dev", "--port", "0", "--inspector-port", "0"], "web");
  const [, port] = await pages.printed(/Ready on http:\/\/[^:]+:(\d+)/);
  await pages.printed(/env\.API \(swarm\).*\[connected\]/);
  url = `http://localhost:${port}`;
  person = await signUp(url);
});
afterAll(() => {
  for (const process of started) process.kill();
  rmSync(folder, { recursive: true, force: true });
});

test("a Pages project serves the dashboard at every address, under its policy, and no page for a script", async () => {
  const page = await fetch(`${url}/workflows/some-id`);
  expect(page.headers.get("Content-Security-Policy")).toContain("script-src 'self'");
  expect(await page.text()).toContain("<title>Swarm</title>");
  // Only a file of a dashboard that is not this one is not there: its place is not taken by the page.
  const gone = await answerOf(await fetch(`${url}/assets/gone-1a2b3c4d.js`));
  expect(gone).toMatchObject({ status: 404, body: expect.stringContaining("There is no such file") });
});

test("what is sent to /api reaches the Worker with its body and its session, and refusals come back as they are", async () => {
  const id = await createWorkflow(person, ["a>b"]);
  expect(await person.request("GET", `/api/workflows/${id}`)).toMatchObject({ status: 200, body: { name: "A graph" } });
  const refused = await answerOf(await fetch(`${url}/api/workflows`));
  expect(refused).toMatchObject({ status: 401, body: { error: { code: "unauthenticated" } } });
  // The session is the browser's for this origin: another one's page may not use it.
  const foreign = await person.request("POST", "/api/workflows", { name: "x" }, { Origin: "https://evil.example" });
  expect(foreign).toMatchObject({ status: 403, body: { error: { code: "cross_site_request" } } });
});

test("the live feed's WebSocket goes through", async () => {
  const feed = await watchLive(url, person.headers, () => undefined);
  feed.close();
});

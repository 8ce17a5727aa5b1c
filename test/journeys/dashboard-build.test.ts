import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildDashboard } from "../../scripts/local/build-dashboard.ts";
import { copyDashboard } from "../../scripts/local/dashboard-files.ts";
import { startTestInstance } from "../support/instance.ts";

const folder = mkdtempSync(join(tmpdir(), "swarm-dashboard-"));
const dashboard = { source: join(folder, "web"), dist: join(folder, "dist"), work: join(folder, "work") };
const write = (file: string, text: string) => writeFileSync(join(dashboard.source, file), text);
const built = (file: string) => readFileSync(join(dashboard.dist, file), "utf8");

/** The script of a page, which is named by what is in it. */
const scriptOf = (html: string) => /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? "";

/** A dashboard of one page and one script. */
async function build(says: string): Promise<void> {
  write("page.js", `document.title = ${says};`);
  await buildDashboard(dashboard, "silent");
}

beforeAll(() => {
  mkdirSync(join(dashboard.source, "public", "assets"), { recursive: true });
  write("index.html", `<!doctype html><title>One</title><script type="module" src="/page.js"></script>`);
  write("public/assets/404.html", "<!doctype html>no such file");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a build that fails, and one that is cut off as it takes the place of the one before, leave a whole dashboard", async () => {
  await build("'first'");
  const page = built("index.html");
  await expect(build("'unfinished")).rejects.toThrow();
  expect(built("index.html")).toBe(page);
  expect(built(scriptOf(page))).toContain("first");

  // Cut off between the two steps of a replacement.
  renameSync(dashboard.dist, join(dashboard.work, "former"));
  await copyDashboard(dashboard, join(folder, "copy"));
  expect(built("index.html")).toBe(page);

  await build("'second'");
  expect(built(scriptOf(built("index.html")))).toContain("second");
  expect(readdirSync(join(dashboard.dist, "assets"))).toHaveLength(2);
});

test("a build is one for users, whatever NODE_ENV says", async () => {
  expect(process.env.NODE_ENV).toBe("test");
  await build("process.env.NODE_ENV");
  expect(built(scriptOf(built("index.html")))).toMatch(/document\.title=.production./);
  expect(process.env.NODE_ENV).toBe("test");
});

test("an instance serves the dashboard that it began with while another is built, and of the other no file before it starts again", async () => {
  await build("'before'");
  const stateDir = join(folder, "state");
  const read = async (url: string) => {
    const answer = await fetch(url);
    return { status: answer.status, type: answer.headers.get("Content-Type"), text: await answer.text() };
  };
  const first = await startTestInstance({ stateDir, dashboard });
  const page = await read(`${first.url}/workflows/some-id`);
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining("<title>One</title>") });
  const before = scriptOf(page.text);
  await build("'after'");
  const after = scriptOf(built("index.html"));
  expect(after).not.toBe(before);
  expect(await read(`${first.url}${before}`)).toMatchObject({ status: 200, text: expect.stringContaining("before") });
  expect(await read(`${first.url}/`)).toEqual(page);
  await first.stop();

  const second = await startTestInstance({ stateDir, dashboard });
  expect(scriptOf((await read(`${second.url}/workflows/some-id`)).text)).toBe(after);
  expect(await read(`${second.url}${after}`)).toMatchObject({ status: 200, type: "text/javascript; charset=utf-8" });
  // Not the page, which a cache would keep as that script.
  expect(await read(`${second.url}${before}`)).toMatchObject({ status: 404, text: expect.stringContaining("no such") });
  await second.stop();
});

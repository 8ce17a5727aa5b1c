import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterEach, describe, expect, it } from "vitest";
import { backstageWorker, openBackstage } from "../../../scripts/local/backstage.ts";

const LINES = 3_000;
/** Writes a megabyte of log at once, as a minute does in which thousands of schedules come due. */
const CHATTY = `export default {
  fetch: () => new Response(null, { status: 404 }),
  scheduled(controller) {
    if (controller.scheduledTime === 0) throw new Error("no good");
    for (let line = 0; line < ${LINES}; line += 1) console.log("x".repeat(350));
  },
};`;

let miniflare: Miniflare | undefined;
afterEach(async () => {
  await miniflare?.dispose();
  miniflare = undefined;
});

function start() {
  let lines = 0;
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      handleStructuredLogs: ({ message }) => {
        if (message.startsWith("xxx")) lines += 1;
      },
      workers: [
        {
          name: "chatty",
          modules: true,
          script: CHATTY,
          compatibilityDate: "2026-01-01",
          d1Databases: { DB: "a-database" },
        },
        backstageWorker("chatty", "a-database"),
      ],
    }),
  );
  return { ...openBackstage(miniflare), url: miniflare.ready, lines: () => lines };
}

describe("the doors behind a local instance", () => {
  it("fire a cron that writes more log than a pipe holds, and wait for its end", async () => {
    const { scheduled, lines } = start();
    await scheduled(new Date());
    await expect.poll(lines).toBe(LINES);
  });

  it("say when the handler failed", async () => {
    await expect(start().scheduled(new Date(0))).rejects.toThrow(/ended with "exception"/);
  });

  it("ask the Worker's own database, and pass on what it says of a mistake", async () => {
    const { query } = start();
    expect((await query("SELECT ?1 + 1 AS two", [1])).results).toEqual([{ two: 2 }]);
    await expect(query("SELECT * FROM nowhere", [])).rejects.toThrow(/no such table: nowhere/);
  });

  it("are not open to requests from outside", async () => {
    const { url } = start();
    const answer = await fetch(new URL("/cdn-cgi/handler/scheduled", await url));
    expect(answer.status).toBe(404);
  });
});

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import type { Plugin } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

/** The maps of the packages, of which nobody reads a line, were half of what each file of tests in workerd is sent. */
const withoutMapsOfPackages: Plugin = {
  name: "without-maps-of-packages",
  enforce: "post",
  transform: { filter: { id: /\/node_modules\// }, handler: (code) => ({ code, map: { mappings: "" } }) },
};

// What tests start - wrangler, servers, vitest's own processes - spends a fifth of its start on compiling what it compiled before.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules", ".cache", "compiled");

/** How long what is awaited with expect.poll may take: a page is drawn a moment later, on a busy machine seconds later. */
const patient = { poll: { timeout: 15_000 } };

/** Tests that run inside workerd, beside the Worker that they test. */
function inWorker(name: string, include: string[]): TestProjectInlineConfiguration {
  return {
    plugins: [
      withoutMapsOfPackages,
      cloudflareTest(async () => ({
        wrangler: { configPath: "./wrangler.toml" },
        miniflare: {
          bindings: {
            TEST_MIGRATIONS: await readD1Migrations("./migrations"),
            AUTH_SECRET: "a-secret-for-tests-only-32-characters-long",
            ENCRYPTION_KEY: "another-secret-for-tests-32-characters-long",
            // Each account gets a workspace of its own; tests of a closed installation override it.
            OPEN_SIGNUP: "true",
            // One key for all of them, and none for other providers, so that a test can ask for one without.
            OPENAI_API_KEY: "test-key",
            SHARE_PROVIDER_KEYS: "true",
            // Which faults a sweep tries: a sample, "all", or the one of a seed.
            SWEEP: process.env.SWEEP ?? "sample",
            // A line for each request would bury what tests say.
            LOG_SAMPLE_PERCENT: "0",
          },
        },
      })),
    ],
    test: {
      name,
      // A file of tests is handed the modules of the files before it at once, in one WebSocket message: asking for one
      // after the other took a third of the time. workerd takes 32 MiB, and the pool dies with code 1009 over that.
      fsModuleCache: true,
      include,
      setupFiles: ["./test/worker/setup.ts"],
      // What a test waits for has bounds of its own: this is for one that hangs, on a machine that is busy elsewhere too.
      testTimeout: 30_000,
      hookTimeout: 30_000,
      // Each module is a round trip to workerd, for every file of tests: the packages of very many modules come as one.
      deps: {
        optimizer: {
          ssr: {
            enabled: true,
            // What the runtime brings along.
            rolldownOptions: {
              external: [/^node:/, /^cloudflare:/],
              // For the same reason. Names of functions and classes stay, for the stacks of errors.
              output: { minify: { mangle: { keepNames: true }, compress: false, codegen: { removeWhitespace: true } } },
            },
            include: [
              "@anthropic-ai/sdk",
              "@anthropic-ai/sdk/resources/messages",
              "@google/genai/web",
              "@hono/zod-openapi",
              "@jmespath-community/jmespath",
              "better-auth/adapters/drizzle",
              "better-auth/crypto",
              "better-auth/minimal",
              "better-auth/plugins/access",
              "better-auth/plugins/organization",
              "cronstrue",
              "fast-check",
              "fflate",
              "@zip.js/zip.js",
              "drizzle-orm",
              "drizzle-orm/d1",
              "drizzle-orm/sqlite-core",
              "openai",
              "zod",
            ],
          },
        },
      },
    },
  };
}

export default defineConfig({
  test: {
    // Vitest leaves one core to itself, which of two is half, though files of journeys and of the browser mostly wait:
    // six of the browser's take 173 s of two cores with two at once, 150 s with three.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      { test: { name: "rules", include: ["test/rules/**/*.test.ts"], environment: "node", isolate: false } },
      inWorker("worker", ["test/api/**/*.test.ts", "test/objects/**/*.test.ts"]),
      inWorker("sweep", ["test/sweep/**/*.test.ts"]),
      {
        test: {
          name: "journeys",
          include: ["test/journeys/**/*.test.ts"],
          environment: "node",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: patient,
        },
      },
      {
        test: {
          name: "web",
          include: ["test/web/**/*.test.ts"],
          environment: "node",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: patient,
        },
      },
    ],
  },
});

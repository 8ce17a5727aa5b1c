import { env } from "cloudflare:workers";
import { beforeAll } from "vitest";

// As one batch: applied one after the other, as deployments and local instances do, they take longer than many a file's tests.
beforeAll(async () => {
  const statements = env.TEST_MIGRATIONS.flatMap(({ queries }) => queries);
  await env.DB.batch(statements.map((statement) => env.DB.prepare(statement)));
});

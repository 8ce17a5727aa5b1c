import { expect, test } from "vitest";
import { faultsOf } from "../../scripts/deploy/check-config.ts";
import { declaredBindings, readEnvironment, readLocalConfig } from "../../scripts/deploy/environments.ts";

test("a deployment finds in the configuration what wrangler lets pass", () => {
  const sound = readEnvironment("production");
  const faults = (worker: Partial<typeof sound.worker>, pages: Partial<typeof sound.pages> = {}) =>
    faultsOf(
      { ...sound, worker: { ...sound.worker, ...worker }, pages: { ...sound.pages, ...pages } },
      readLocalConfig(),
      declaredBindings(),
    );
  const [steps] = sound.worker.queues.consumers ?? [];
  if (steps === undefined) throw new Error("production has no consumer");
  const { dead_letter_queue: _, ...lost } = steps;
  expect(declaredBindings().size).toBe(8);
  expect(faults({})).toEqual([]);
  expect(faults({ r2_buckets: [] })).toEqual([
    "The binding OUTPUTS (R2Bucket) of src/env.ts is missing.",
    "The binding EXPORTS (R2Bucket) of src/env.ts is missing.",
  ]);
  expect(faults({ queues: { ...sound.worker.queues, consumers: [lost] } })).toContain(
    "The consumer of executions has no dead_letter_queue: after max_retries a message would be lost.",
  );
  expect(faults({ queues: { ...sound.worker.queues, consumers: [steps] } })).toContain(
    "The dead-letter queue executions-dead has no consumer: its steps would never end.",
  );
  expect(faults({ triggers: { crons: [] } })).toEqual([
    '[triggers] crons lacks "* * * * *": schedules would never fire.',
  ]);
  expect(faults({ compatibility_date: "2999-01-01" })).toContain(
    "compatibility_date 2999-01-01 lies in the future: Cloudflare refuses it.",
  );
  expect(faults({ observability: { enabled: true } })).toEqual([
    "[observability.logs] needs invocation_logs = false: request URLs hold the secrets of webhooks.",
  ]);
  expect(faults({}, { services: [{ binding: "API", service: "swarm-staging" }] })).toEqual([
    "web/wrangler.toml binds API to swarm-staging, and the Worker's name is swarm.",
  ]);
});

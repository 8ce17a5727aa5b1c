import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

test("health answers without an account and names the version", async () => {
  const response = await exports.default.fetch("http://swarm.test/api/health");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: "ok", database: "ok", version: "0.1.0" });
});

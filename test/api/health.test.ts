import { expect, test } from "vitest";
import { nobody, signUp } from "../worker/accounts.ts";

test("health answers without an account, names the version, and tells when nobody has signed up yet", async () => {
  const health = () => nobody.send("GET", "/api/health");
  const ok = { status: "ok", database: "ok", version: "0.1.0" };
  expect(await health()).toMatchObject({ status: 200, body: { ...ok, unclaimed: true } });
  await signUp();
  expect(await health()).toMatchObject({ status: 200, body: { ...ok, unclaimed: false } });
});

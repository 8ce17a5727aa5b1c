import { expect, test } from "vitest";
import { apiKey, joinAs, nobody, signUp } from "../worker/accounts.ts";

test("an account works through its cookie and its key", async () => {
  const ada = await signUp("Ada");
  expect((await ada.send("GET", "/api/me")).body).toMatchObject({
    workspace: { role: "owner", name: "Ada's workspace" },
  });
  const key = await apiKey(ada, "viewer");
  expect((await key.send("GET", "/api/me")).body).toMatchObject({ workspace: { role: "viewer" } });
  const bob = await joinAs(ada, "editor");
  expect(bob.workspaceId).toBe(ada.workspaceId);
  expect((await nobody.send("GET", "/api/me")).status).toBe(401);
});

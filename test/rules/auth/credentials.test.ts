import { expect, test } from "vitest";
import { bearerKey, shownPrefix } from "../../../src/auth/rules/api-key.ts";
import { judgeAuthPath } from "../../../src/auth/rules/auth-paths.ts";
import { isCrossSite, isForeign } from "../../../src/auth/rules/cross-site.ts";

const OWN = ["https://swarm.test"];

test.each([
  [null, undefined],
  ["Basic dXNlcjpwYXNz", undefined],
  ["Bearer swarm_abc", "swarm_abc"],
  ["bearer  swarm_abc ", "swarm_abc"],
  ["Bearer sk-abc", null],
  ["Bearer", null],
  ["Bearer swarm_a swarm_b", null],
])("the Authorization header %j brings the key %j", (header, key) => {
  expect(bearerKey(header)).toBe(key);
});

test("what is shown of a key leaves most of it secret", () => {
  expect(shownPrefix(`swarm_${"x".repeat(43)}`)).toBe("swarm_xxxxxx");
});

test.each([
  ["POST", null, null, false],
  ["POST", null, "https://swarm.test", false],
  ["POST", null, "https://swarm.test.evil.test", true],
  ["POST", null, "null", true],
  ["POST", "same-origin", null, false],
  ["POST", "none", null, false],
  ["POST", "same-site", "https://swarm.test", true],
  ["POST", "cross-site", null, true],
  ["DELETE", "cross-site", null, true],
  ["GET", "cross-site", "https://evil.test", false],
])("%s with Sec-Fetch-Site %j and Origin %j is cross-site: %j", (method, fetchSite, origin, expected) => {
  expect(isCrossSite({ method, fetchSite, origin }, OWN)).toBe(expected);
});

test("a WebSocket's upgrade is judged although it is a GET", () => {
  expect(isForeign({ fetchSite: null, origin: "https://evil.test" }, OWN)).toBe(true);
  expect(isForeign({ fetchSite: null, origin: "https://swarm.test" }, OWN)).toBe(false);
});

test.each(["/organization/update-member-role", "/organization/a-door-of-tomorrow", "/organization/delete"])(
  "%s is refused, with the way to go instead",
  (path) => {
    expect(judgeAuthPath(path)).toEqual({ kind: "refused", instead: "/api/members" });
  },
);

test("better-auth's doors are shut unless they are listed", () => {
  expect(judgeAuthPath("/sign-in/email")).toEqual({ kind: "open" });
  expect(judgeAuthPath("/organization/invite-member")).toEqual({ kind: "refused", instead: "POST /api/invitations" });
  expect(judgeAuthPath("/sign-up/email")).toEqual({ kind: "unknown" });
  expect(judgeAuthPath("/delete-user")).toEqual({ kind: "unknown" });
  expect(judgeAuthPath("/sign-in/email/")).toEqual({ kind: "unknown" });
});

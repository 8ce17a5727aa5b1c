import fc from "fast-check";
import { expect, test } from "vitest";
import { type CipherSettings, decrypt, encrypt, type Place, UnreadableSecret } from "../../../src/core/cipher.ts";

const NEW: CipherSettings = { ENCRYPTION_KEY: "the newer secret of the tests, 32 or more" };
const OLD: CipherSettings = { ENCRYPTION_KEY: "the older secret of the tests, 32 or more" };
const PLACE: Place = { workspaceId: "w1", row: "r1", field: "credentials.ciphertext" };

test("any text comes back as it was, and its sealed form does not hold it", async () => {
  const text = fc.string({ unit: "binary", maxLength: 200 }).map((each) => each.toWellFormed());
  await fc.assert(
    fc.asyncProperty(text, async (plain) => {
      const sealed = await encrypt(NEW, plain, PLACE);
      expect(await decrypt(NEW, sealed, PLACE)).toBe(plain);
      if (plain.length > 4) expect(atob(sealed)).not.toContain(plain);
    }),
  );
});

test("the same text is sealed differently each time, with an IV of its own", async () => {
  const sealed = await Promise.all(Array.from({ length: 100 }, () => encrypt(NEW, "sk-1234", PLACE)));
  const ivs = new Set(sealed.map((each) => atob(each).slice(1, 13)));
  expect(ivs.size).toBe(100);
  expect(new Set(sealed.map((each) => atob(each).charCodeAt(0)))).toEqual(new Set([1]));
});

test.each<[string, Place]>([
  ["workspace", { ...PLACE, workspaceId: "w2" }],
  ["row", { ...PLACE, row: "r2" }],
  ["field", { ...PLACE, field: "webhooks.secret" }],
  ["split of the same letters", { workspaceId: "w1r", row: "1", field: PLACE.field }],
])("what was moved to another %s cannot be opened", async (_what, place) => {
  const sealed = await encrypt(NEW, "sk-1234", PLACE);
  await expect(decrypt(NEW, sealed, place)).rejects.toBeInstanceOf(UnreadableSecret);
});

test("one altered byte anywhere, or one that is missing, and nothing is opened", async () => {
  const sealed = atob(await encrypt(NEW, "sk-1234", PLACE));
  for (let at = 0; at < sealed.length; at += 1) {
    const altered = sealed.slice(0, at) + String.fromCharCode(sealed.charCodeAt(at) ^ 1) + sealed.slice(at + 1);
    await expect(decrypt(NEW, btoa(altered), PLACE)).rejects.toBeInstanceOf(UnreadableSecret);
    await expect(decrypt(NEW, btoa(sealed.slice(0, at)), PLACE)).rejects.toBeInstanceOf(UnreadableSecret);
  }
});

test.each(["", "not base64!", "AQ==", "é"])("%j is refused in the same way", async (sealed) => {
  await expect(decrypt(NEW, sealed, PLACE)).rejects.toBeInstanceOf(UnreadableSecret);
});

test("after a change of the secret the previous one still opens what it sealed, and seals nothing more", async () => {
  const rotated = { ...NEW, ENCRYPTION_KEY_PREVIOUS: OLD.ENCRYPTION_KEY };
  const before = await encrypt(OLD, "sk-1234", PLACE);
  await expect(decrypt(NEW, before, PLACE)).rejects.toBeInstanceOf(UnreadableSecret);
  expect(await decrypt(rotated, before, PLACE)).toBe("sk-1234");
  const after = await encrypt(rotated, "sk-5678", PLACE);
  expect(await decrypt(NEW, after, PLACE)).toBe("sk-5678");
  await expect(decrypt(OLD, after, PLACE)).rejects.toBeInstanceOf(UnreadableSecret);
});

test("a text that was sealed by an earlier release is still opened", async () => {
  const sealed = "AfDF0Djl2q2EWQDlRo0VRbgjwOuk4leouEF2r99TyAVWJPxVEhWMyJhfWLKnJw1eQ6QFyHY=";
  expect(await decrypt(NEW, sealed, PLACE)).toBe("sk-of-an-earlier-release");
});

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { verifySignature } from "../../../src/webhooks/rules/signature.ts";
import type { SignatureScheme } from "../../../src/webhooks/rules/signature-scheme.ts";
import { signingSecretOf as standardSecret } from "../../../src/webhooks/rules/signing-key.ts";
import { exampleOf } from "../../../web/src/features/webhooks/signing-example.ts";

/** What curl is given, one argument a line, in place of a call. */
const CURL = `curl() { printf '%s\\n' "$@"; }\n`;

/** Runs an example as somebody would who pastes it, and answers the call that it makes. */
function callOf(example: string) {
  const args = execFileSync("bash", ["-euc", CURL + example], { encoding: "utf8" })
    .trimEnd()
    .split("\n");
  const after = (option: string) => args.flatMap((arg, place) => (arg === option ? [args[place + 1] ?? ""] : []));
  const headers = new Headers();
  for (const header of after("-H"))
    headers.append(header.slice(0, header.indexOf(":")), header.slice(header.indexOf(":") + 1));
  return { url: args[2], headers, rawBody: new TextEncoder().encode(after("--data-binary")[0]) };
}

const SECRET = 'It\'s a "Secret" to $Everybody';

describe("the command that signs a call", () => {
  it.each<[SignatureScheme, string]>([
    [{ scheme: "github" }, SECRET],
    [{ scheme: "stripe" }, "whsec_of-stripe"],
    [{ scheme: "standard" }, standardSecret("a-key-of-a-webhook-43-characters")],
    [{ scheme: "hmac", header: "X-Signature", encoding: "hex", prefix: "sha256=" }, SECRET],
    [{ scheme: "hmac", header: "X-Mac", encoding: "base64", prefix: "" }, SECRET],
  ])("of %j is let in", async (signature, secret) => {
    const url = "https://swarm.test/api/webhooks/trigger/w/it's";
    const call = callOf(exampleOf({ url, secret, signature }));
    expect(call.url).toBe(url);
    const { headers, rawBody } = call;
    const verdict = (by: string) => verifySignature({ signature, secrets: [by], headers, rawBody, now: Date.now() });
    expect(await verdict(secret)).toEqual({ ok: true });
    expect(await verdict(standardSecret("another"))).toMatchObject({ ok: false, failedCheck: "signature_mismatch" });
  });

  it("needs no secret where nothing is signed", () => {
    const call = callOf(exampleOf({ url: "https://swarm.test/x", secret: "unused", signature: { scheme: "none" } }));
    expect(new TextDecoder().decode(call.rawBody)).toBe('{"event": "ping"}');
    expect(exampleOf({ url: "https://swarm.test/x", secret: "unused", signature: { scheme: "none" } })).not.toContain(
      "unused",
    );
  });
});

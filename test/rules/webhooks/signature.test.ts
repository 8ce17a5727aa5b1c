import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { type SignedCall, verifySignature } from "../../../src/webhooks/rules/signature.ts";
import type { SignatureScheme } from "../../../src/webhooks/rules/signature-scheme.ts";
import { signingKeyBytes, signingSecretOf } from "../../../src/webhooks/rules/signing-key.ts";
import { signSample } from "../../support/sign-sample.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const SECONDS = NOW / 1_000;
const bytes = (text: string) => new TextEncoder().encode(text);
const OK = { ok: true };
const refusedBy = (failedCheck: string) => ({ ok: false, failedCheck, message: expect.any(String) });

function verify(call: Partial<Omit<SignedCall, "headers">> & { headers: Record<string, string>; body: string }) {
  const { headers, body, ...rest } = call;
  const github: SignatureScheme = { scheme: "github" };
  const defaults = { signature: github, secrets: ["secret"], now: NOW, rawBody: bytes(body) };
  return verifySignature({ ...defaults, ...rest, headers: new Headers(headers) });
}

describe("GitHub", () => {
  // docs.github.com, "Validating webhook deliveries", "Testing the webhook payload validation".
  const vector = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  const published = { secrets: ["It's a Secret to Everybody"], body: "Hello, World!" };
  const signed = (value: string) => verify({ ...published, headers: { "x-hub-signature-256": value } });

  test("the published vector passes, in either case of hex", async () => {
    expect(await signed(`sha256=${vector}`)).toEqual(OK);
    expect(await signed(`sha256=${vector.toUpperCase()}`)).toEqual(OK);
  });

  test("another body with the published signature fails", async () => {
    for (const body of ["Hello, World", "Hello, World!\n", "hello, World!", ""]) {
      const headers = { "X-Hub-Signature-256": `sha256=${vector}` };
      expect(await verify({ ...published, body, headers })).toEqual(refusedBy("signature_mismatch"));
    }
  });

  test.each([
    ["", "signature_missing"],
    ["sha256=", "signature_malformed"],
    [vector, "signature_malformed"],
    [`sha1=${vector.slice(0, 40)}`, "signature_malformed"],
    [`sha256=${vector.slice(2)}`, "signature_malformed"],
    [`sha256=${vector}00`, "signature_malformed"],
    [`sha256=${vector.slice(1)}`, "signature_malformed"],
    [`sha256=${vector.slice(0, -1)}g`, "signature_malformed"],
    [`sha256=${vector}, sha256=${vector}`, "signature_malformed"],
    [`sha256=${"0".repeat(64)}`, "signature_mismatch"],
    [`sha256=${vector.slice(0, -1)}8`, "signature_mismatch"],
  ])("the header %j is refused as %s", async (value, failedCheck) => {
    expect(await signed(value)).toEqual(refusedBy(failedCheck));
  });

  test("a body that was parsed and written again fails", async () => {
    const body = '{ "b": 1.0, "a": "\\u00e9" }';
    const github: SignatureScheme = { scheme: "github" };
    const sample = { signature: github, secret: "secret", rawBody: bytes(body), deliveryId: "d", now: NOW };
    const headers = await signSample(sample);
    expect(await verify({ body, headers })).toEqual(OK);
    const again = JSON.stringify(JSON.parse(body));
    expect(await verify({ body: again, headers })).toEqual(refusedBy("signature_mismatch"));
  });
});

describe("Standard Webhooks", () => {
  const standard: SignatureScheme = { scheme: "standard" };
  // standard-webhooks, spec "Signature scheme" and the tests of its libraries: the documented vector.
  const vector = {
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    body: '{"test": 2432232314}',
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
  };
  const ofVector = { signature: standard, secrets: [vector.secret], body: vector.body, now: 1_614_265_330_000 };

  test("the documented vector passes, and fails when its body is written again", async () => {
    expect(await verify({ ...ofVector, headers: vector.headers })).toEqual(OK);
    const again = JSON.stringify(JSON.parse(vector.body));
    expect(await verify({ ...ofVector, body: again, headers: vector.headers })).toEqual(
      refusedBy("signature_mismatch"),
    );
  });

  test("one fitting signature among several will do, other versions are passed over", async () => {
    const right = vector.headers["webhook-signature"];
    const wrong = `v1,${btoa("x".repeat(32))}`;
    const several = (value: string) =>
      verify({ ...ofVector, headers: { ...vector.headers, "webhook-signature": value } });
    expect(await several(`${wrong} v1a,abc ${right}`)).toEqual(OK);
    expect(await several(right.replace("v1,", "v2,"))).toEqual(refusedBy("signature_malformed"));
    expect(await several(`${wrong} ${wrong}`)).toEqual(refusedBy("signature_mismatch"));
    // More than a sender ever needs are not computed for whoever asks.
    expect(await several(`${`${wrong} `.repeat(50)}${right}`)).toEqual(refusedBy("signature_mismatch"));
  });

  test.each([
    [{ "webhook-id": "msg_other" }, "signature_mismatch"],
    [{ "webhook-timestamp": "1614265331" }, "signature_mismatch"],
    [{ "webhook-timestamp": "soon" }, "timestamp_malformed"],
    [{ "webhook-timestamp": "1614265330.5" }, "timestamp_malformed"],
    [{ "webhook-id": "" }, "signature_missing"],
    [{ "webhook-timestamp": "" }, "signature_missing"],
    [{ "webhook-signature": "" }, "signature_missing"],
    [{ "webhook-signature": "v1,short" }, "signature_malformed"],
  ])("with %j the vector is refused as %s", async (changed, failedCheck) => {
    const headers = { ...vector.headers, ...changed };
    expect(await verify({ ...ofVector, headers })).toEqual(refusedBy(failedCheck));
  });

  test("what a stock library signs with the secret that we show passes, and the other way round", async () => {
    const secretKey = "k3y/of+a=webhook_é";
    const library = new Webhook(signingSecretOf(secretKey));
    const body = '{"ok":"é"}';
    const id = "msg_1";
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(SECONDS),
      "webhook-signature": library.sign(id, new Date(NOW), body),
    };
    expect(await verify({ signature: standard, secrets: [secretKey], body, headers })).toEqual(OK);

    const now = Date.now();
    const sample = { signature: standard, secret: secretKey, rawBody: bytes(body), deliveryId: id, now };
    expect(library.verify(body, await signSample(sample))).toEqual({ ok: "é" });
  });

  test("a secret that is no base64 behind its prefix is named as the fault, and an empty one signs nothing", async () => {
    const headers = vector.headers;
    for (const secrets of [["whsec_not base64"], ["whsec_"], [""], []]) {
      expect(await verify({ ...ofVector, secrets, headers })).toEqual(refusedBy("secret_unusable"));
    }
  });
});

describe("Stripe", () => {
  const stripe: SignatureScheme = { scheme: "stripe" };
  const secret = "whsec_c2VjcmV0";
  const body = '{\n  "id": "evt_1"\n}';
  const sample = { signature: stripe, secret, rawBody: bytes(body), deliveryId: "d", now: NOW };
  const check = (value: string) =>
    verify({ signature: stripe, secrets: [secret], body, headers: { "Stripe-Signature": value } });

  /** As Stripe's own libraries do it: the key is the text of the secret with its prefix. */
  async function stripeHex(text: string) {
    const key = await crypto.subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return Buffer.from(await crypto.subtle.sign("HMAC", key, bytes(text))).toString("hex");
  }

  test("the secret signs with its prefix, over time and body", async () => {
    const v1 = await stripeHex(`${SECONDS}.${body}`);
    expect(await check(`t=${SECONDS},v1=${v1}`)).toEqual(OK);
    expect(await signSample(sample)).toEqual({ "Stripe-Signature": `t=${SECONDS},v1=${v1}` });
  });

  test("one of several v1 will do, and v0 never does", async () => {
    const v1 = await stripeHex(`${SECONDS}.${body}`);
    const wrong = "0".repeat(64);
    expect(await check(`t=${SECONDS}, v1=${wrong}, v1=${v1}, v0=${wrong}`)).toEqual(OK);
    expect(await check(`t=${SECONDS},v0=${v1}`)).toEqual(refusedBy("signature_malformed"));
    expect(await check(`v1=${v1}`)).toEqual(refusedBy("timestamp_malformed"));
    expect(await check(`t=${SECONDS + 1},v1=${v1}`)).toEqual(refusedBy("signature_mismatch"));
  });
});

describe("the tolerance of a signed time", () => {
  test.each(["standard", "stripe"] as const)("%s: five minutes either way, and not a second more", async (scheme) => {
    const signature: SignatureScheme = { scheme };
    const headers = await signSample({ signature, secret: "s", rawBody: bytes("{}"), deliveryId: "d", now: NOW });
    const at = (now: number) => verify({ signature, secrets: ["s"], body: "{}", headers, now });
    for (const away of [0, 300_000, 300_999, -300_000]) expect(await at(NOW + away)).toEqual(OK);
    for (const away of [301_000, -300_001, 86_400_000]) {
      expect(await at(NOW + away)).toEqual(refusedBy("timestamp_outside_tolerance"));
    }
  });
});

describe("a generic HMAC", () => {
  const schemes = (["hex", "base64"] as const).flatMap((encoding) =>
    ["", "v0="].map((prefix) => ({ scheme: "hmac" as const, header: "X-Sig", encoding, prefix })),
  );

  test.each(schemes)("$encoding behind $prefix passes, and is refused without its prefix", async (signature) => {
    const body = "a=1&b=2";
    const sample = { signature, secret: "s", rawBody: bytes(body), deliveryId: "d", now: NOW };
    const headers = await signSample(sample);
    expect(await verify({ signature, secrets: ["s"], body, headers })).toEqual(OK);
    expect(await verify({ signature, secrets: ["t"], body, headers })).toEqual(refusedBy("signature_mismatch"));
    const bare = { "X-Sig": `x${headers["X-Sig"]}` };
    expect(await verify({ signature, secrets: ["s"], body, headers: bare })).toEqual(refusedBy("signature_malformed"));
  });

  test("bytes that are no text are signed as they are", async () => {
    const signature: SignatureScheme = { scheme: "hmac", header: "X-Sig", encoding: "hex", prefix: "" };
    const rawBody = new Uint8Array([0xff, 0x00, 0xfe]);
    const headers = new Headers(await signSample({ signature, secret: "s", rawBody, deliveryId: "d", now: NOW }));
    expect(await verifySignature({ signature, secrets: ["s"], headers, rawBody, now: NOW })).toEqual(OK);
  });
});

describe("secrets", () => {
  test("the old secret signs beside the new one while both are given", async () => {
    const signature: SignatureScheme = { scheme: "github" };
    const headers = await signSample({ signature, secret: "old", rawBody: bytes("{}"), deliveryId: "d", now: NOW });
    expect(await verify({ secrets: ["new", "old"], body: "{}", headers })).toEqual(OK);
    expect(await verify({ secrets: ["new"], body: "{}", headers })).toEqual(refusedBy("signature_mismatch"));
  });

  test("whsec_ stands for base64 except with Stripe; senders that sign with the text of it pass too", async () => {
    expect(signingKeyBytes("whsec_AQID", "standard")).toEqual(new Uint8Array([1, 2, 3]));
    expect(signingKeyBytes("whsec_AQID", "stripe")).toEqual(new Uint8Array(bytes("whsec_AQID")));
    expect(signingKeyBytes("AQID", "standard")).toEqual(new Uint8Array(bytes("AQID")));
    const github: SignatureScheme = { scheme: "github" };
    const rawBody = bytes("{}");
    const asText = {
      signature: { scheme: "stripe" } as const,
      secret: "whsec_AQID",
      rawBody,
      deliveryId: "d",
      now: NOW,
    };
    const decoded = await signSample({ ...asText, signature: github });
    expect(await verify({ secrets: ["whsec_AQID"], body: "{}", headers: decoded })).toEqual(OK);
  });

  test("no scheme asks for no signature", async () => {
    expect(await verify({ signature: { scheme: "none" }, secrets: [], body: "x", headers: {} })).toEqual(OK);
  });
});

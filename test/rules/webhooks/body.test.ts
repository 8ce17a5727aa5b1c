import { describe, expect, test } from "vitest";
import { checkedBody } from "../../../src/webhooks/checked-body.ts";
import { deliveryIdOf } from "../../../src/webhooks/rules/delivery-id.ts";

const FORM = "application/x-www-form-urlencoded";
const read = (text: string, type: string | null = null) => checkedBody(new TextEncoder().encode(text), type);
const payload = (value: unknown) => ({ ok: true, payload: value });

describe("a body", () => {
  test.each([
    ['{"a":1}', null],
    ['{"a":1}', "application/json"],
    ['{"a":1}', "text/plain"],
    ['\ufeff {"a":1}\n', "application/vnd.github+json; charset=utf-8"],
    ['{"a":1}', FORM],
  ])("%j of type %s is read as JSON", (text, type) => {
    expect(read(text, type)).toEqual(payload({ a: 1 }));
  });

  test.each([null, "application/json", FORM])("nothing at all of type %s is an empty object", (type) => {
    expect(read("", type)).toEqual(payload({}));
    expect(read(" \n", type)).toEqual(payload({}));
  });

  test("any JSON value is a payload", () => {
    expect(read("[1]")).toEqual(payload([1]));
    expect(read("null")).toEqual(payload(null));
  });

  test.each([
    ["a=1", null],
    ["{", null],
    ["NaN", null],
    ["a=%ff", FORM],
    ["a=100%", FORM],
    ["1e999", null],
    [`${"[".repeat(50_000)}${"]".repeat(50_000)}`, null],
    ['{"a":{"__proto__":{"admin":true}}}', null],
    ["__proto__=x", FORM],
    [`payload=${encodeURIComponent('{"__proto__":{}}')}`, FORM],
  ])("%.40j of type %s is refused in words", (text, type) => {
    expect(read(text, type)).toEqual({ ok: false, message: expect.stringMatching(/^The .*\.$/) });
  });

  test("bytes that are not UTF-8 are refused instead of being replaced", () => {
    expect(checkedBody(new Uint8Array([0x22, 0xff, 0x22]), null)).toMatchObject({ ok: false });
  });
});

describe("a form", () => {
  test("by name alone, as curl names what it sends, is JSON, and broken JSON is told of as such", () => {
    expect(read('{"topic": "Tides"}', FORM)).toEqual(payload({ topic: "Tides" }));
    expect(read(' {"topic": "Tides",}', FORM)).toEqual({
      ok: false,
      message: expect.stringContaining("not valid JSON"),
    });
  });

  test("is an object of texts, with a list for a name that repeats", () => {
    expect(read("a=1&b=x+y%26z&a=2&a=3&c&=e&&d=%F0%9F%99%82", `${FORM}; charset=UTF-8`)).toEqual(
      payload({ a: ["1", "2", "3"], b: "x y&z", c: "", "": "e", d: "🙂" }),
    );
  });

  test("GitHub's payload is the payload", () => {
    expect(read(`payload=${encodeURIComponent('{"zen":"Half measures"}')}`, FORM)).toEqual(
      payload({ zen: "Half measures" }),
    );
  });

  test("Slack's fields stay, a payload among them is read, and one that is no JSON stays text", () => {
    expect(read("token=t&command=%2Fdeploy&text=web+now", FORM)).toEqual(
      payload({ token: "t", command: "/deploy", text: "web now" }),
    );
    const inner = encodeURIComponent('{"type":"block_actions"}');
    expect(read(`token=t&payload=${inner}`, FORM)).toEqual(payload({ token: "t", payload: { type: "block_actions" } }));
    expect(read("payload=%7Bnot", FORM)).toEqual(payload({ payload: "{not" }));
    expect(read("payload=5", FORM)).toEqual(payload({ payload: "5" }));
  });
});

describe("a delivery id", () => {
  const all = { "webhook-id": "w", "X-GitHub-Delivery": "g", "Idempotency-Key": "i" };
  const of = (
    headers: Record<string, string>,
    scheme: Parameters<typeof deliveryIdOf>[1] = "none",
    body: unknown = {},
  ) => deliveryIdOf(new Headers(headers), scheme, body);

  test("is the scheme's own before any other", async () => {
    expect(await of(all)).toBe("w");
    expect(await of(all, "standard")).toBe("w");
    expect(await of(all, "github")).toBe("g");
    expect(await of(all, "stripe", { id: "evt_1" })).toBe("evt_1");
    expect(await of({ "Idempotency-Key": "i" }, "hmac")).toBe("i");
    expect(await of({ "webhook-id": " ", "X-GitHub-Delivery": "g" })).toBe("g");
  });

  test("is none when the sender gives none, and a body's id only counts with Stripe", async () => {
    expect(await of({})).toBeNull();
    expect(await of({}, "github", { id: "evt_1" })).toBeNull();
    for (const body of [null, [], "evt_1", {}, { id: 5 }, { id: "" }]) expect(await of({}, "stripe", body)).toBeNull();
  });

  test("keeps long ids apart instead of cutting them off", async () => {
    const long = "x".repeat(300);
    const [one, other] = [await of({ "webhook-id": `${long}1` }), await of({ "webhook-id": `${long}2` })];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await of({}, "stripe", { id: "evt\u0000é" })).toMatch(/^sha256:/);
  });
});

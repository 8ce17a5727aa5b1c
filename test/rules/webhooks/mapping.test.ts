import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { checkedBody } from "../../../src/webhooks/checked-body.ts";
import { applyMapping, MAX_MAPPED_FIELDS, validateMapping } from "../../../src/webhooks/mapping.ts";

/** GitHub's own examples: by event, what it sends. */
const examples: { name: string; examples: unknown[] }[] = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("@octokit/webhooks-examples/api.github.com/index.json"), "utf8"),
);
const example = (name: string) => examples.find((event) => event.name === name)?.examples[0];

const value = (expression: string, payload: unknown) => {
  const mapped = applyMapping({ it: expression }, payload);
  return mapped.ok ? mapped.input : mapped.faults;
};

describe("an expression of a mapping", () => {
  const payload = {
    a: { b: "c", 0: "zero" },
    items: [{ id: 7, "user-id": "u" }, { id: 9 }],
    "user-agent": "curl",
    total: 5,
    discount: 2,
    größe: "L",
    "with.dot": "dotted",
    no: false,
    length: null,
  };

  test.each([
    ["a.b", "c"],
    ["$.a.b", "c"],
    [" a.b ", "c"],
    ["items.0.id", 7],
    ["items.1.id", 9],
    ["items[0].id", 7],
    ["items[-1].id", 9],
    ["items[0].user-id", "u"],
    ["items[0].id.0", null],
    ["a.0", "zero"],
    ["user-agent", "curl"],
    ["größe", "L"],
    ["no", false],
    ["total - discount", 3],
    ["total-discount", null],
    ['"with.dot"', "dotted"],
    ["items[].id", [7, 9]],
    ["items[?id > `8`].id | [0]", 9],
    ['{first: items[0].id, agent: "user-agent"}', { first: 7, agent: "curl" }],
    ["missing.a.0.b", null],
    ["a.b.c", null],
    ["items.length", null],
    ["constructor", null],
    ["a.__proto__", null],
    ["a.toString", null],
    ["items.5", null],
  ])("%s gives %j", (expression, expected) => {
    expect(value(expression, payload)).toEqual({ it: expected });
  });

  test("reads a payload that is a list or a text", () => {
    expect(value("0.id", [{ id: 1 }])).toEqual({ it: 1 });
    expect(value("[0].id", [{ id: 1 }])).toEqual({ it: 1 });
    expect(value("@", "text")).toEqual({ it: "text" });
  });

  test("is named with its place when it does not fit the payload", () => {
    expect(value("length(total)", { total: 5 })).toEqual([
      { path: "payloadTransformer.it", message: expect.any(String) },
    ]);
  });
});

describe("a mapping", () => {
  test("none and an empty one hand the payload on", () => {
    expect(applyMapping(null, [1])).toEqual({ ok: true, input: [1] });
    expect(applyMapping({}, { a: 1 })).toEqual({ ok: true, input: { a: 1 } });
  });

  test("a field with ! must have a value and loses its mark; without it, it is null", () => {
    const mapping = { "title!": "issue.title", body: "issue.body" };
    expect(applyMapping(mapping, { issue: { title: "T" } })).toEqual({ ok: true, input: { title: "T", body: null } });
    const faults = [{ path: "payloadTransformer.title!", message: "The payload has no value at issue.title." }];
    expect(applyMapping(mapping, {})).toEqual({ ok: false, faults });
    expect(applyMapping({ "no!": "no" }, { no: false })).toEqual({ ok: true, input: { no: false } });
  });

  test("tells every fault at once", () => {
    expect(applyMapping({ "a!": "a", "b c!": "b", c: "c" }, {})).toMatchObject({
      faults: [{ path: "payloadTransformer.a!" }, { path: 'payloadTransformer["b c!"]' }],
    });
  });

  test("may cost no more for many fields together than for one", () => {
    const items = Array.from({ length: 500 }, (_, n) => n);
    const slow = "items[?length($.items[?@ > `3`]) > `5`]";
    expect(applyMapping({ one: slow }, { items })).toMatchObject({ ok: true });
    const mapping = Object.fromEntries(Array.from({ length: MAX_MAPPED_FIELDS }, (_, n) => [`f${n}`, slow]));
    expect(applyMapping(mapping, { items })).toMatchObject({ ok: false, faults: expect.any(Array) });
  });

  test("cannot make an input of more than an execution can hold", () => {
    const mapping = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`f${n}`, "text"]));
    expect(applyMapping(mapping, { text: "x".repeat(90_000) })).toMatchObject({
      ok: false,
      faults: [{ path: "payloadTransformer" }],
    });
  });
});

describe("a mapping that is saved", () => {
  test("takes JMESPath and dotted paths", () => {
    const mapping = { a: "a.0.b", b: "user-agent", "c!": "items[?id > `8`]", d: "join(', ', tags)", "e f": "@" };
    expect(validateMapping(mapping)).toEqual([]);
  });

  test.each([
    [{ a: "items[?" }, "payloadTransformer.a"],
    [{ a: "" }, "payloadTransformer.a"],
    [{ a: "nonsense(b)" }, "payloadTransformer.a"],
    [{ a: "b..c" }, "payloadTransformer.a"],
    [{ a: "x".repeat(1_001) }, "payloadTransformer.a"],
    [{ "": "a" }, 'payloadTransformer[""]'],
    [{ "!": "a" }, 'payloadTransformer["!"]'],
    [JSON.parse('{"__proto__":"a"}'), "payloadTransformer.__proto__"],
    [{ a: "a", "a!": "b" }, "payloadTransformer.a!"],
    [{ ["x".repeat(129)]: "a" }, `payloadTransformer.${"x".repeat(129)}`],
  ])("refuses %.60j at its place", (mapping, path) => {
    expect(validateMapping(mapping)).toEqual([{ path, message: expect.any(String) }]);
  });

  test("has fifty fields at most", () => {
    const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, "a"]));
    expect(validateMapping(fields(MAX_MAPPED_FIELDS))).toEqual([]);
    expect(validateMapping(fields(MAX_MAPPED_FIELDS + 1))).toMatchObject([{ path: "payloadTransformer" }]);
  });
});

describe("GitHub's own example payloads", () => {
  test("each can be read as JSON and as GitHub's form, and mapped", () => {
    expect(examples.length).toBeGreaterThan(50);
    for (const { examples: payloads } of examples) {
      for (const payload of payloads) {
        const text = JSON.stringify(payload);
        const bytes = (body: string) => new TextEncoder().encode(body);
        expect(checkedBody(bytes(text), "application/json")).toEqual({ ok: true, payload });
        const form = checkedBody(bytes(`payload=${encodeURIComponent(text)}`), "application/x-www-form-urlencoded");
        expect(form).toEqual({ ok: true, payload });
        expect(applyMapping({ sender: "sender.login", repo: "repository.full_name" }, payload)).toMatchObject({
          ok: true,
        });
      }
    }
  });

  test("a push gives its branch, its authors and its first commit", () => {
    const mapping = {
      "ref!": "ref",
      "repo!": "repository.full_name",
      first: "commits.0.message",
      authors: "commits[].author.name",
      count: "length(commits)",
    };
    const push = { ...Object(example("push")), commits: [{ message: "fix", author: { name: "Mona" } }] };
    expect(applyMapping(mapping, push)).toEqual({
      ok: true,
      input: {
        ref: expect.stringMatching(/^refs\//),
        repo: "Codertocat/Hello-World",
        first: "fix",
        authors: ["Mona"],
        count: 1,
      },
    });
  });

  test("an issue gives its labels, and a field that it does not have is a fault only when it must be there", () => {
    const mapped = applyMapping(
      { title: "issue.title", labels: "join(',', issue.labels[].name)", merged: "pull_request.merged" },
      example("issues"),
    );
    expect(mapped).toMatchObject({
      ok: true,
      input: { title: expect.any(String), labels: expect.any(String), merged: null },
    });
    expect(applyMapping({ "merged!": "pull_request.merged" }, example("issues"))).toMatchObject({ ok: false });
  });
});

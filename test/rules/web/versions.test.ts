import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDefinitions } from "../../../src/versions/rules/compare-definitions.ts";
import { overlaps } from "../../../web/src/features/graph/overlaps.ts";
import { partChanges, unionOf } from "../../../web/src/features/versions/changes.ts";
import { sharesOf } from "../../../web/src/features/versions/shares-of.ts";
import { fieldLabel, fieldText } from "../../../web/src/lib/field-label.ts";
import { changeInPercent, percentages } from "../../../web/src/lib/shares.ts";
import { type DiffLine, type DiffRow, diffTexts, foldSame } from "../../../web/src/lib/text-diff.ts";
import { graphOf } from "../../support/workflows.ts";

const textOf = (line: DiffLine | null) => line?.pieces.map(({ text }) => text).join("");
const marksOf = (line: DiffLine | null | undefined) =>
  line?.pieces.filter(({ marked }) => marked).map(({ text }) => text);
const kinds = (rows: readonly DiffRow[]) => rows.map(({ kind }) => kind);

describe("two texts side by side", () => {
  it("set the lines that belong together beside each other, and mark the words that differ", () => {
    const rows = diffTexts("Write a text.\nBe brief.\nCite.", "Write a text.\nBe very brief.\nCite.");
    expect(kinds(rows)).toEqual(["same", "changed", "same"]);
    expect(marksOf(rows[1]?.before)).toEqual([]);
    expect(marksOf(rows[1]?.after)).toEqual(["very "]);
    expect(rows[2]).toMatchObject({ before: { number: 3 }, after: { number: 3 } });
  });

  it("number the lines of each side by themselves", () => {
    const rows = diffTexts("a\nb", "new\na\nb");
    expect(kinds(rows)).toEqual(["added", "same", "same"]);
    expect(rows[2]).toMatchObject({ before: { number: 2 }, after: { number: 3 } });
  });

  it("do not mark single words of lines that have next to nothing in common", () => {
    const [row] = diffTexts("You find facts on a topic and list them.", "Never answer in German, a rule.");
    expect([marksOf(row?.before), marksOf(row?.after)]).toEqual([[], []]);
  });

  it("tell no text from an empty one, and a line's end from a line", () => {
    expect(diffTexts(null, "a")).toEqual([
      { kind: "added", before: null, after: { number: 1, pieces: [{ text: "a", marked: false }] } },
    ]);
    expect(kinds(diffTexts("a", null))).toEqual(["removed"]);
    expect(kinds(diffTexts("", "a"))).toEqual(["changed"]);
    expect(kinds(diffTexts("a\nb", "a\nb\nc"))).toEqual(["same", "same", "added"]);
  });

  it("hold every line of both sides, in order, whatever they are", () => {
    const text = fc.array(fc.constantFrom("a", "b b", "c c c", "", " "), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const rows = diffTexts(before.join("\n"), after.join("\n"));
        const side = (which: "before" | "after") =>
          rows.map((row) => textOf(row[which])).filter((line) => line !== undefined);
        // The end of a last line says nothing, so that an empty last line may be one.
        expect(side("before").join("\n").trimEnd()).toBe(before.join("\n").trimEnd());
        expect(side("after").join("\n").trimEnd()).toBe(after.join("\n").trimEnd());
      }),
    );
  });

  it("are given up in time when they are long and have nothing in common", () => {
    const lines = (word: string) => Array.from({ length: 20_000 }, (_, place) => `${word} ${place}`).join("\n");
    const begun = performance.now();
    expect(diffTexts(lines("one"), lines("other"))).toHaveLength(20_000);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it("fold what is the same away from changes, and never a line or two", () => {
    const lines = Array.from({ length: 30 }, (_, place) => `line ${place}`);
    const rows = diffTexts(lines.join("\n"), lines.with(14, "another").join("\n"));
    const stretches = foldSame(rows);
    expect(stretches.map(({ hidden, rows: { length } }) => [hidden, length])).toEqual([
      [true, 11],
      [false, 7],
      [true, 12],
    ]);
    expect(foldSame(diffTexts("1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\nsix")).every(({ hidden }) => !hidden)).toBe(true);
  });
});

describe("fields", () => {
  it("are called by words", () => {
    expect(fieldLabel("systemPrompt")).toBe("System prompt");
    expect(fieldLabel("fallback.on.rateLimit")).toBe("Fallback, on, rate limit");
  });

  it("are compared as texts, and nothing is no text", () => {
    const text = (value: unknown, path = "capabilities") => fieldText(value, path);
    expect([text("a"), text(""), text(0.7), text(false), text(["x", "y"]), text([]), text({}), text(null)]).toEqual([
      ...["a", "Empty", "0.7", "No", "x\ny", "None", "None", null],
    ]);
  });

  it("that hold others are a line each, and JSON only where it was written as JSON", () => {
    const fallback = {
      enabled: true,
      targets: [{ provider: "openai", model: "gpt-4.1", weight: 2 }, { provider: "gemini" }],
      on: { rateLimit: false, statusCodes: [], latencyMs: undefined },
    };
    expect(fieldText(fallback, "fallback")).toBe(
      [
        "Enabled: Yes",
        "Targets:",
        "  provider openai, model gpt-4.1, weight 2",
        "  provider gemini",
        "On:",
        "  Rate limit: No",
        "  Status codes: None",
      ].join("\n"),
    );
    const schema = { type: "object", required: [] };
    expect(fieldText(schema, "inputSchema")).toBe(JSON.stringify(schema, null, 2));
    expect(fieldText("object", "inputSchema.type")).toBe("object");
  });
});

describe("shares", () => {
  it("are percent of the whole, to a tenth, and none of nothing", () => {
    expect(percentages([9, 1])).toEqual([90, 10]);
    expect(percentages([1, 1, 1])).toEqual([33.3, 33.3, 33.3]);
    expect(percentages([0])).toEqual([0]);
  });

  it("of a tag are read back as weights in the same proportion", () => {
    const version = (id: string, splits: { tag: string; percent: number }[]) => ({ id, tags: ["production"], splits });
    const of = (...versions: ReturnType<typeof version>[]) => sharesOf("production", versions);
    expect(of(version("a", []))).toEqual([{ versionId: "a", weight: 1 }]);
    const shared = of(
      version("a", [{ tag: "production", percent: 99.96 }]),
      version("b", [{ tag: "production", percent: 0.04 }]),
    );
    expect(shared).toEqual([
      { versionId: "a", weight: 1_000 },
      { versionId: "b", weight: 1 },
    ]);
    expect(sharesOf("staging", [version("a", [])])).toEqual([]);
  });

  it("of change have a sign, and are not told where there was nothing", () => {
    expect([changeInPercent(200, 224), changeInPercent(3, 2), changeInPercent(5, 5)]).toEqual([
      "+12 %",
      "-33.3 %",
      "0 %",
    ]);
    expect([changeInPercent(0, 5), changeInPercent(null, 5), changeInPercent(5, null)]).toEqual([null, null, null]);
  });
});

describe("what differs between two definitions", () => {
  const changed = (before: ReturnType<typeof graphOf>, after: ReturnType<typeof graphOf>) =>
    partChanges(compareDefinitions(before, after), before, after);

  it("is told by agents, edges and settings, with a node and its agent as one", () => {
    const before = graphOf(["a>b", "b>c"], { agents: { a: { name: "Anna" } } });
    const after = {
      ...graphOf(["a>b?input", "b>d"], { agents: { a: { name: "Anna", temperature: 1 } } }),
      settings: { maxParallel: 2 },
    };
    const parts = changed(before, after).map(({ what, id, name, kind, fields }) => [
      what,
      id,
      name,
      kind,
      fields.map(({ path }) => path).join(),
    ]);
    expect(parts).toEqual([
      ["agent", "a", "Anna", "changed", "temperature"],
      ["agent", "d", "d", "added", expect.stringContaining("name,role,provider")],
      ["agent", "c", "c", "removed", expect.stringContaining("name,role,provider")],
      ["edge", "e0", "Anna → b", "changed", "condition"],
      ["edge", "e1", "b → d", "changed", "target"],
      ["settings", "settings", "Settings", "changed", "maxParallel"],
    ]);
  });

  it("does not call a node changed that only stands elsewhere", () => {
    const before = graphOf(["a>b"]);
    const after = { ...before, nodes: before.nodes.map((node) => ({ ...node, position: { x: 5, y: 5 } })) };
    expect(changed(before, after).map(({ kind, fields }) => [kind, fields])).toEqual([
      ["moved", []],
      ["moved", []],
    ]);
  });

  it("is drawn in one graph, as it is now, with what went", () => {
    const before = graphOf(["a>b", "b>c"]);
    const after = graphOf(["a>b"], { agents: { a: { name: "Anna" } } });
    const { nodes, edges, agents } = unionOf(before, after);
    expect(nodes.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(edges.map(({ id }) => id)).toEqual(["e0", "e1"]);
    expect(agents.map(({ name }) => name)).toEqual(["Anna", "b", "c"]);
  });
});

describe("cards on a canvas", () => {
  const at = (...places: [number, number][]) => overlaps(places.map(([x, y]) => ({ position: { x, y } })));
  it("lie over each other only when both their sides meet", () => {
    expect(at([0, 0], [100, 40])).toBe(true);
    expect(at([0, 0], [240, 0])).toBe(false);
    expect(at([0, 0], [0, 96])).toBe(false);
    expect(at([0, 0], [500, 0], [10, 400], [480, 50])).toBe(true);
    expect(at()).toBe(false);
  });
});

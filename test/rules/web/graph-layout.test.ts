import { describe, expect, it } from "vitest";
import { CARD, GRID } from "../../../web/src/features/graph/card-size.ts";
import { layoutGraph } from "../../../web/src/features/graph/layout.ts";
import { clearPosition, overlaps } from "../../../web/src/features/graph/overlaps.ts";
import { graphOf } from "../../support/workflows.ts";

const laidOut = (...edges: string[]) => layoutGraph(graphOf(edges));
const at = (positions: ReturnType<typeof layoutGraph>, id: string) => positions.get(id) ?? { x: Number.NaN, y: 0 };

describe("the layout of a graph", () => {
  it("leads edges to the right, and sets nodes of one column apart", () => {
    const positions = laidOut("a>b", "a>c", "b>d", "c>d");
    expect(at(positions, "b").x).toBeGreaterThanOrEqual(at(positions, "a").x + CARD.width);
    expect(at(positions, "d").x).toBeGreaterThanOrEqual(at(positions, "c").x + CARD.width);
    expect(at(positions, "b").x).toBe(at(positions, "c").x);
    expect(Math.abs(at(positions, "b").y - at(positions, "c").y)).toBeGreaterThanOrEqual(CARD.height);
  });

  it("lays no card over another, in a wide graph of several parts", () => {
    const edges = Array.from({ length: 60 }, (_, index) => `n${index % 7}>m${index}`);
    const corners = [...laidOut(...edges, "alone").values()];
    for (const [index, one] of corners.entries()) {
      for (const other of corners.slice(index + 1)) {
        const apart = Math.abs(one.x - other.x) >= CARD.width || Math.abs(one.y - other.y) >= CARD.height;
        expect(apart).toBe(true);
      }
    }
  });

  it("begins at 0,0 and stands on the grid", () => {
    const corners = [...laidOut("a>b", "a>c", "x").values()];
    expect(Math.min(...corners.map(({ x }) => x))).toBe(0);
    expect(Math.min(...corners.map(({ y }) => y))).toBe(0);
    expect(corners.every(({ x, y }) => x % GRID === 0 && y % GRID === 0)).toBe(true);
  });

  it("leaves room for conditions", () => {
    expect(at(laidOut("a>b?output"), "b").x).toBeGreaterThan(at(laidOut("a>b"), "b").x);
  });

  it("takes drafts that cannot run: cycles, edges into nothing, none at all", () => {
    const draft = graphOf(["a>b", "b>a", "b>b"]);
    const edges = [...draft.edges, { id: "dangling", source: "a", target: "gone" }];
    expect([...layoutGraph({ nodes: draft.nodes, edges }).keys()]).toEqual(["a", "b"]);
    expect(layoutGraph({ nodes: [], edges: [] }).size).toBe(0);
  });
});

describe("the place of a card that is added", () => {
  it("is the one that was wished, or the first one under it where it lies over no other", () => {
    const nodes = [{ position: { x: 320, y: 80 } }, { position: { x: 300, y: 240 } }, { position: { x: 900, y: 0 } }];
    expect(clearPosition(nodes, { x: 0, y: 0 })).toEqual({ x: 0, y: 0 });
    const position = clearPosition(nodes, { x: 336, y: 0 });
    expect(position.x).toBe(336);
    expect(overlaps([...nodes, { position }])).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { clipOf, withPasted } from "../../../../web/src/features/editor/state/clip.ts";
import { ancestorsOf, refusalOf } from "../../../../web/src/features/editor/state/connect.ts";
import { differences } from "../../../../web/src/features/editor/state/differences.ts";
import { agentAt } from "../../../../web/src/features/editor/state/draft.ts";
import { withAgent, withNewAgent, without, withPositions } from "../../../../web/src/features/editor/state/edits.ts";
import { faultIn, faultMarks, faultText } from "../../../../web/src/features/editor/state/faults.ts";
import { draft, letters } from "./draft.ts";

const target = { provider: "openai", model: "gpt-4.1-mini" };

describe("connecting", () => {
  it("refuses in words an agent to itself, an edge that is there, and a circle however long", () => {
    const graph = draft("a>b", "b>c", "c>d");
    expect(refusalOf(graph, "a", "a")).toMatch(/cannot lead to itself/);
    expect(refusalOf(graph, "a", "b")).toMatch(/already leads from a to b/);
    expect(refusalOf(graph, "d", "a")).toMatch(/already waits for a/);
    expect(refusalOf(graph, "a", "d")).toBeNull();
  });

  it("knows the ancestors of a node, on a circle too", () => {
    expect([...ancestorsOf(draft("a>b", "b>c", "x>c"), "c")].toSorted()).toEqual(["a", "b", "x"]);
    expect([...ancestorsOf(draft("a>b", "b>a"), "a")].toSorted()).toEqual(["a", "b"]);
  });
});

describe("adding and removing", () => {
  it("adds an agent with an edge from the one before, on a place and under a name and an id of its own", () => {
    const before = withAgent(draft("a"), "agent-a", { name: "Agent 2" });
    const { draft: after, nodeId } = withNewAgent(before, { position: { x: 0, y: 0 }, target, from: "a" }, letters());
    expect(agentAt(after, nodeId)).toMatchObject({ name: "Agent 3", ...target });
    expect(after.edges).toMatchObject([{ source: "a", target: nodeId }]);
    expect(after.nodes.map(({ position }) => position)).toEqual([
      { x: 0, y: 0 },
      { x: 32, y: 32 },
    ]);
    expect(before.nodes).toHaveLength(1);
  });

  it("takes agents and edges along with a node", () => {
    const after = without(draft("a>b", "b>c"), { nodes: ["b"], edges: [] });
    expect(after.nodes.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(after.agents.map(({ nodeId }) => nodeId)).toEqual(["a", "c"]);
    expect(after.edges).toEqual([]);
  });

  it("moves only the nodes that are named", () => {
    const before = draft("a>b");
    const after = withPositions(before, new Map([["b", { x: 8, y: 16 }]]));
    expect(after.nodes[0]).toBe(before.nodes[0]);
    expect(after.nodes[1]?.position).toEqual({ x: 8, y: 16 });
  });
});

describe("copying", () => {
  it("pastes under new ids, aside, with the edges between, and names the copies in prompts and conditions", () => {
    let before = draft(`a>b?contains(steps.a.output, 'x') && steps."a".output`, "z>a");
    before = withAgent(before, "agent-b", {
      prompt: "{{steps.a.output}} and {{steps.z.output}} and {{steps.ab.output}}",
    });
    const clip = clipOf(before, { nodes: ["a", "b"], edges: [] });
    if (!clip) throw new Error("nothing was copied");
    const { draft: after, added } = withPasted(before, clip, letters());
    const [a = "", b = ""] = added.nodes;
    expect(new Set([...before.nodes.map(({ id }) => id), a, b]).size).toBe(5);
    expect(agentAt(after, b)?.prompt).toBe(`{{steps.${a}.output}} and {{steps.z.output}} and {{steps.ab.output}}`);
    expect(after.edges.at(-1)).toMatchObject({
      source: a,
      target: b,
      condition: `contains(steps.${a}.output, 'x') && steps."${a}".output`,
    });
    expect(after.edges).toHaveLength(3);
    const again = withPasted(after, clip, letters());
    expect(new Set(again.draft.nodes.map(({ position: { x, y } }) => `${x} ${y}`)).size).toBe(7);
    expect(new Set(again.draft.nodes.map(({ id }) => id)).size).toBe(7);
  });

  it("copies nothing where no node is selected", () => {
    expect(clipOf(draft("a>b"), { nodes: [], edges: ["e0"] })).toBeNull();
  });
});

describe("faults", () => {
  const graph = draft("a>b");

  it("are found on their node or edge, with the field", () => {
    const prompt = faultIn(graph, { path: "agents[1].prompt", message: "bad" }, "error");
    expect(prompt).toMatchObject({ nodeId: "b", field: "prompt", place: "b, prompt" });
    expect(faultIn(graph, { path: "edges[0].condition", message: "bad" }, "error")).toMatchObject({
      edgeId: "e0",
      field: "condition",
      place: "a → b, condition",
    });
    expect(faultIn(graph, { path: "nodes[0]", message: "bad" }, "error")).toMatchObject({ nodeId: "a", place: "a" });
    expect(faultIn(graph, { path: "settings.inputSchema.type", message: "bad" }, "error")).toMatchObject({
      nodeId: null,
      edgeId: null,
      field: "settings.inputSchema.type",
    });
    expect(faultIn(graph, { path: "agents[7].prompt", message: "bad" }, "error").nodeId).toBeNull();
  });

  it("mark a node with an error before a warning, and stand under the field that holds their place", () => {
    const warning = faultIn(graph, { path: "agents[0].prompt", message: "odd" }, "warning");
    const error = faultIn(graph, { path: "agents[0].fallback.targets[2].provider", message: "bad" }, "error");
    expect(faultMarks([warning, error]).nodes).toEqual({ a: { fault: { level: "error", message: "bad" } } });
    expect(faultText([warning, error], "fallback.targets")).toBe("bad");
    expect(faultText([warning, error], "prompt")).toBeUndefined();
  });
});

describe("two drafts", () => {
  it("are told apart in words, whatever the order of their members and whether a member is undefined or absent", () => {
    const one = draft("a>b");
    const [agent] = one.agents;
    if (!agent) throw new Error("there is no agent");
    const { prompt: _prompt, ...rest } = { prompt: undefined, ...agent };
    const turned = Object.assign({ nodeId: "a" }, rest, { topP: undefined });
    expect(differences(one, { ...one, agents: one.agents.map((each) => (each === agent ? turned : each)) })).toEqual(
      [],
    );
    const moved = withPositions(withAgent(one, "agent-b", { name: "B" }), new Map([["a", { x: 1, y: 1 }]]));
    expect(differences(one, moved)).toEqual(["1 agent", "where nodes stand"]);
    expect(differences(one, { ...draft("a>b", "b>c"), name: "Other", settings: { maxParallel: 1 } })).toEqual([
      "the name",
      "1 agent",
      "1 edge",
      "where nodes stand",
      "the settings",
    ]);
  });
});

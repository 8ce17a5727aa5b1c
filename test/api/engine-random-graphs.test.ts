import fc from "fast-check";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface RandomGraph {
  nodes: { fails: boolean }[];
  edges: { source: number; target: number; taken: boolean }[];
}

/** Up to nine nodes; edges lead from lower to higher numbers, so that there are no cycles. */
const graphArb: fc.Arbitrary<RandomGraph> = fc.integer({ min: 1, max: 9 }).chain((size) =>
  fc.record({
    nodes: fc.array(fc.record({ fails: fc.integer({ min: 0, max: 5 }).map((n) => n === 0) }), {
      minLength: size,
      maxLength: size,
    }),
    edges: fc
      .uniqueArray(fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.integer({ min: 0, max: 2 })), {
        selector: ([one, other]) => `${Math.min(one, other)}>${Math.max(one, other)}`,
        maxLength: 16,
      })
      .map((pairs) =>
        pairs
          .filter(([one, other]) => one !== other)
          .map(([one, other, luck]) => ({
            source: Math.min(one, other),
            target: Math.max(one, other),
            taken: luck > 0,
          })),
      ),
  }),
);

/** What each node must end as, told one after another without any counters. */
function expectedStatuses({ nodes, edges }: RandomGraph): string[] {
  const ended: string[] = [];
  nodes.forEach(({ fails }, node) => {
    const incoming = edges.filter((edge) => edge.target === node);
    const led = incoming.some((edge) => edge.taken && ended[edge.source] === "succeeded");
    if (incoming.length > 0 && !led) ended.push("skipped");
    else ended.push(fails ? "failed" : "succeeded");
  });
  return ended;
}

test("every step of any graph ends as it must, once, in whatever order its messages come and come twice", async () => {
  await fc.assert(
    fc.asyncProperty(graphArb, fc.infiniteStream(fc.nat(1_000)), async (graph, luck) => {
      const calls = answerAsOpenAi(({ system }) => {
        const node = graph.nodes[Number(system?.match(/n(\d)/)?.[1])];
        return node?.fails ? { status: 400 } : { text: "ok" };
      });
      const edges = graph.edges.map(({ source, target, taken }) => `n${source}>n${target}${taken ? "" : "?`false`"}`);
      const engine = testEngine();
      const workflowId = await createWorkflow(account, [...graph.nodes.map((_, node) => `n${node}`), ...edges]);
      const ctx = ctxWith(account, engine);
      const trigger = { type: "manual", id: null } as const;
      const { executionId } = await startExecution(ctx, engine, { workflowId, input: "go", trigger });
      while (engine.sent.length > 0) {
        const at = luck.next().value % engine.sent.length;
        const [next] = engine.sent.splice(at, 1);
        const copies = 1 + (luck.next().value % 2);
        await Promise.all(Array.from({ length: copies }, () => next && engine.deliver(next.message)));
      }

      const execution = await getExecution(ctx, engine, executionId);
      const expected = expectedStatuses(graph);
      const byNode = new Map(execution.steps.map((step) => [step.nodeId, step.status]));
      expect(graph.nodes.map((_, node) => byNode.get(`n${node}`))).toEqual(expected);
      expect(execution.status).toBe(expected.includes("failed") ? "failed" : "succeeded");
      expect(calls).toHaveLength(expected.filter((status) => status !== "skipped").length);
    }),
    { numRuns: 60 },
  );
}, 60_000);

import type { Imported } from "../../src/transfer/index.ts";
import { type Account, readAnswer } from "./accounts.ts";
import { definitionOf } from "./workflows.ts";

/** A bundle of two agents, as an export writes it. */
export function bundleOf(name: string, over: Record<string, unknown> = {}, prompt = "You are a.") {
  const { agents, ...graph } = definitionOf(["a>b"], { agents: { a: { systemPrompt: prompt } } });
  return { version: "1.0", exportedAt: "2026-11-01T00:00:00.000Z", workflow: { name, ...graph }, agents, ...over };
}

/** A version as a bundle holds it. */
export function versionOf(version: number, prompt: string, over: Record<string, unknown> = {}) {
  const workflowData = definitionOf(["a>b"], { agents: { a: { systemPrompt: prompt } } });
  return {
    ...{ version, commitMessage: `Commit ${version}`, kind: "manual", tags: [], createdAt: "2026-10-01T00:00:00.000Z" },
    ...{ createdByName: "Grace", parentVersion: version === 1 ? null : version - 1, workflowData, ...over },
  };
}

/** The answer to a file that is refused. */
export interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

type Some = Record<string, unknown>;
interface Items<Item> {
  items: Item[];
}

/** A workflow as the API shows it, as far as tests of imports look at it. */
export interface Workflow {
  id: string;
  name: string;
  description: string | null;
  agents: { id: string; systemPrompt?: string }[];
  headVersion: { version: number } | null;
  dirty: boolean;
}

/** The counts of an import's answer: none, but for those that are given. */
export const summary = (over: Partial<Imported["summary"]>) => ({
  created: 0,
  renamed: 0,
  overwritten: 0,
  skipped: 0,
  failed: 0,
  ...over,
});

/** Ways to import for somebody, who is known by the time that a test runs. */
export function importing(who: () => Account) {
  const get = async <Body>(path: string, account = who()) => (await account.send<Body>("GET", `/api${path}`)).body;
  const post = <Body = Imported>(body: unknown, query = "", account = who(), headers = {}) =>
    account.send<Body>("POST", `/api/workflows/import${query}`, body, headers);
  return {
    get,
    post,
    list: async <Item = Some>(path: string, account = who()) => (await get<Items<Item>>(path, account)).items,
    async upload<Body = Imported>(body: BodyInit, query = "", account = who()) {
      return readAnswer<Body>(await account.fetch(`/api/workflows/import${query}`, { method: "POST", body }));
    },
    /** Imports what is expected to be taken, and answers the first workflow's id. */
    async imported(body: unknown, query = "", account = who()): Promise<string> {
      const answer = await post(body, query, account);
      const id = answer.body.results?.[0]?.workflowId;
      if (answer.status === 200 && id) return id;
      throw new Error(`import answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    },
  };
}

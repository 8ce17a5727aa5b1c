import type { z } from "zod";
import type { committedSchema } from "../../src/versions/inputs.ts";
import type { Account } from "./accounts.ts";
import { createWorkflow, definitionOf } from "./workflows.ts";

export type Version = z.infer<typeof committedSchema>;

/** A definition of two agents, of which the first has this prompt. */
export function prompted(text: string) {
  return definitionOf(["a>b"], { agents: { a: { prompt: text } } });
}

/** What people do with versions, over the API, as this account. */
export function versioning(account: () => Account) {
  return {
    /** Creates a workflow of {@link prompted}. */
    workflow: (text = "one") => createWorkflow(account(), ["a>b"], { agents: { a: { prompt: text } } }),

    async save(id: string, text: string): Promise<void> {
      const { status } = await account().send("PUT", `/api/workflows/${id}`, prompted(text));
      if (status !== 200) throw new Error(`saving answered ${status}`);
    },

    commit: (id: string, commitMessage = "A commit", tag?: string) =>
      account().send<Version>("POST", `/api/workflows/${id}/versions`, { commitMessage, ...(tag ? { tag } : {}) }),

    /** The newest fifty. */
    async versions(id: string): Promise<Version[]> {
      return (await account().send<{ items: Version[] }>("GET", `/api/workflows/${id}/versions`)).body.items;
    },
  };
}

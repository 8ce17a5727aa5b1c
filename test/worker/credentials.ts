import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { encrypt } from "../../src/core/cipher.ts";
import { openDb } from "../../src/db/client.ts";
import type { KeyCtx } from "../../src/providers/index.ts";
import type { Account } from "./accounts.ts";
import { testClock } from "./engine.ts";

/** A key as a provider gives them out. Nothing else in the tests looks like it. */
export const KEY = "sk-proj-Xq7Lm2Vt9Rb4Nw8Kz1Yd";
export const FIELD = "credentials.ciphertext";

export interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

/** Stores a key over the API. */
export function put(who: Account, body: unknown, provider = "openai") {
  return who.send<Refusal>("PUT", `/api/credentials/${provider}`, body);
}

/** Removes whatever an account has stored. */
export async function removeAll(account: Account): Promise<void> {
  for (const provider of ["openai", "anthropic", "gemini", "openai-compatible"]) {
    await account.send("DELETE", `/api/credentials/${provider}`);
  }
}

/** The only row of a workspace, as it lies in the database. */
export function rowOf(workspaceId: string) {
  return env.DB.prepare("SELECT * FROM credentials WHERE workspace_id = ?")
    .bind(workspaceId)
    .first<{ id: string; ciphertext: string; last4: string }>();
}

/** What finding a key takes: the installation has a key of its own, and this account owns the installation. */
export function keyCtx(
  owner: Account,
  over: Partial<KeyCtx["settings"]> = {},
  workspaceId = owner.workspaceId,
): KeyCtx {
  const settings = {
    OPENAI_API_KEY: "sk-of-the-installation",
    OPENAI_BASE_URL: "https://proxy.installation.com/v1",
    SHARE_PROVIDER_KEYS: false,
    ALLOW_LOCAL_PROVIDERS: false,
    ENCRYPTION_KEY: env.ENCRYPTION_KEY,
    ...over,
  };
  return {
    db: openDb(env.DB),
    clock: testClock(),
    workspaceId,
    settings,
    ownerWorkspaceId: async () => owner.workspaceId,
  };
}

/** Stands in for the provider at the wire, and gathers the calls. */
export function onWire(answer: () => Response | Promise<Response>) {
  const calls: { url: string; authorization: string | null; body: unknown }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    // Read here: a body cannot be read outside of the request that it belongs to.
    calls.push({
      url: request.url,
      authorization: request.headers.get("Authorization"),
      body: await request.json(),
    });
    return answer();
  });
  return calls;
}

/** An answer of chat completions. */
export const chatAnswer = (content: string, finish = "stop") =>
  Response.json({
    id: "c1",
    model: "gpt-5.4-mini-2026-03-17",
    choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", content } }],
    usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
  });

/** Seals another text in place of the stored one, as if ENCRYPTION_KEY had been changed. */
export async function spoil(account: Account): Promise<void> {
  const row = await rowOf(account.workspaceId);
  const place = { workspaceId: account.workspaceId, row: row?.id ?? "", field: FIELD };
  const sealed = await encrypt({ ENCRYPTION_KEY: "quite another secret than that of the tests" }, KEY, place);
  await env.DB.prepare("UPDATE credentials SET ciphertext = ? WHERE workspace_id = ?")
    .bind(sealed, account.workspaceId)
    .run();
}

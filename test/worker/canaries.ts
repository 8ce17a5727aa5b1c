import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { unzipSync } from "fflate";
import { tableNames } from "./rows.ts";

/** Secrets by what they are. */
export type Canaries = Record<string, string>;

/** The secrets that a text holds, as they are or in another spelling. */
export function canariesIn(text: string, canaries: Canaries): string[] {
  return Object.entries(canaries).flatMap(([name, secret]) =>
    spellings(secret).some((each) => text.includes(each)) ? [name] : [],
  );
}

function spellings(secret: string): string[] {
  const base64 = btoa(secret).replace(/=+$/, "");
  const hex = Array.from(new TextEncoder().encode(secret), (byte) => byte.toString(16).padStart(2, "0")).join("");
  // The last characters of base64 depend on what follows.
  const ending = base64.slice(0, base64.length - (base64.length % 4));
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ending, hex];
}

/** Everything that is stored, as text by the place where it lies: rows, objects, and what Durable Objects keep. */
export async function everythingStored(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await tableNames()) {
    const { results } = await env.DB.prepare(`SELECT * FROM ${name}`).all();
    for (const row of results) {
      for (const [column, value] of Object.entries(row)) add(found, `${name}.${column}`, String(value));
    }
  }
  for (const [name, bucket] of Object.entries({ OUTPUTS: env.OUTPUTS, EXPORTS: env.EXPORTS })) {
    for (const { key } of (await bucket.list()).objects) {
      const object = await bucket.get(key);
      if (object) add(found, `${name} ${key}`, key + textOf(new Uint8Array(await object.arrayBuffer())));
    }
  }
  add(found, "LIVE_FEED", await objectsText(env.LIVE_FEED));
  add(found, "CIRCUIT_BREAKER", await objectsText(env.CIRCUIT_BREAKER));
  add(found, "WEBHOOK_GATE", await objectsText(env.WEBHOOK_GATE));
  return found;
}

/** The text of a file; of an archive that of everything in it. */
export function textOf(bytes: Uint8Array): string {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const files = isZip ? Object.entries(unzipSync(bytes)) : [["", bytes] as const];
  return files.map(([name, content]) => name + new TextDecoder().decode(content)).join("\n");
}

function add(found: Map<string, string>, place: string, text: string): void {
  found.set(place, `${found.get(place) ?? ""}\n${text}`);
}

/** What all objects of a class keep. */
async function objectsText<Class extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<Class>,
): Promise<string> {
  const texts: string[] = [];
  for (const id of await listDurableObjectIds(namespace)) {
    texts.push(await runInDurableObject(namespace.get(id), (_, state) => storageText(state.storage)));
  }
  return texts.join("\n");
}

function storageText({ sql }: DurableObjectStorage): string {
  const tables = sql.exec<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'",
  );
  return tables
    .toArray()
    .map(({ name }) => JSON.stringify(sql.exec(`SELECT * FROM "${name}"`).toArray()))
    .join("\n");
}

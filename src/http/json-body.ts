import { createMiddleware } from "hono/factory";
import { DomainError } from "../core/errors.ts";
import type { AppEnv } from "./app.ts";

/** A definition may hold 1 MB; the rest is room for the envelope and for escapes. */
export const MAX_JSON_BYTES = 1_250_000;

/**
 * Reads the body as JSON whatever its Content-Type says, an empty one as `{}`, and gives up as soon as it is
 * too long: a length that the sender claims is not trusted. Forged forms are kept out by the check of Origin,
 * not by the type.
 */
export const jsonBody = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.method === "GET" || c.req.method === "HEAD" || c.req.method === "OPTIONS") return next();
  const text = await readText(c.req.raw.body, MAX_JSON_BYTES);
  const json = text.trim() === "" ? "{}" : text;
  try {
    JSON.parse(json);
  } catch (cause) {
    throw new DomainError(
      "malformed_request",
      `The body is not valid JSON: ${cause instanceof Error ? cause.message : "unreadable"}.`,
      { cause },
    );
  }
  const headers = new Headers(c.req.raw.headers);
  headers.set("Content-Type", "application/json");
  headers.delete("Content-Length");
  c.req.raw = new Request(c.req.raw.url, { method: c.req.method, headers, body: json });
  return next();
});

/** The stream's UTF-8 text. Throws `body_too_large` at the first byte over `limit`, before reading on. */
export async function readText(body: ReadableStream<Uint8Array> | null, limit: number): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let size = 0;
  let text = "";
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > limit) throw new DomainError("body_too_large", `The body is over ${limit} bytes. Send less at once.`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof TypeError)
      throw new DomainError("malformed_request", "The body is not valid UTF-8.", { cause: error });
    throw error;
  }
}

import { errorText } from "../../core/errors.ts";
import { type Json, readForm } from "./form-body.ts";

export type Body =
  | { ok: true; payload: Json }
  /** The message is for the sender, and says what to send instead. */
  | { ok: false; message: string };

/**
 * The payload that a call's bytes hold: JSON whatever the Content-Type says, or a form when it says so and they do not
 * begin as JSON does. An empty body is `{}`. Depth and size of the result are not looked at here: `checkedBody` does.
 */
export function parseBody(bytes: Uint8Array, contentType: string | null): Body {
  const text = decodeStrictly(bytes);
  if (text === null) return { ok: false, message: "The body is not valid UTF-8. Send JSON in UTF-8." };
  if (text.trim() === "") return { ok: true, payload: {} };
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  // `curl -d` names its JSON a form unless told otherwise, and whoever writes a form escapes a brace.
  const isForm = type === "application/x-www-form-urlencoded" && !/^\s*[{[]/.test(text);
  return isForm ? form(text) : json(text);
}

function form(text: string): Body {
  const payload = readForm(text);
  if (payload !== null) return { ok: true, payload };
  return { ok: false, message: "The form holds a broken % escape, or bytes that are not UTF-8. Send JSON instead." };
}

function json(text: string): Body {
  try {
    return { ok: true, payload: JSON.parse(text) };
  } catch (error) {
    return { ok: false, message: `The body is not valid JSON: ${errorText(error)}. Send JSON or a form.` };
  }
}

function decodeStrictly(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    // The decoder says no more than that the bytes are not UTF-8.
    return null;
  }
}

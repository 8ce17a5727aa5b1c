/** A pasted payload: its value, or what keeps it from being JSON. */
export function parsedPayload(text: string): { ok: true; value: unknown } | { ok: false; fault: string } {
  if (text.trim() === "") return { ok: false, fault: "Paste the JSON that the sender sends." };
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, fault: `This is not JSON: ${error.message}` };
  }
}

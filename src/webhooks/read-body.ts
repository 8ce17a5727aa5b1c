/**
 * The bytes of a body, or `null` as soon as there are more than `limit`: what is left is not read. A length that the
 * sender claims is believed only when it is too large.
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  claimedLength: string | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(claimedLength) > limit) return null;
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

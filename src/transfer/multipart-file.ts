import { DomainError } from "../core/errors.ts";

const RETURN = 0x0d;
const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_END = new TextEncoder().encode("\r\n\r\n");

/** The boundary of a multipart form (RFC 7578, RFC 2046 section 5.1.1), `null` for any other content. */
export function boundaryOf(contentType: string | undefined): string | null {
  if (contentType === undefined || !/^multipart\/form-data\b/i.test(contentType)) return null;
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw malformed("its Content-Type names no boundary");
  return boundary;
}

/**
 * The bytes of the form's field `file` as they come in: a form read the platform's way would be held whole. Throws
 * `malformed_request` for a form without that field, or one that is cut short.
 */
export async function* multipartFile(body: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<Uint8Array> {
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  const input = new Window(body);
  // The first delimiter stands at the very beginning, without a line break in front of it.
  input.unread(new Uint8Array([RETURN, 0x0a]));
  await drain(input.until(delimiter, MAX_HEADER_BYTES));
  for (;;) {
    if (await input.startsWith("--")) throw malformed("it has no field called file");
    const headers = await gather(input.until(HEADERS_END, MAX_HEADER_BYTES));
    if (/^content-disposition:[^\n]*;\s*name="?file"?\s*(?:;|\r|$)/im.test(headers)) {
      yield* input.until(delimiter);
      return;
    }
    await drain(input.until(delimiter));
  }
}

/** What has come in and was not handed on yet. */
class Window {
  private readonly body: AsyncIterator<Uint8Array>;
  private bytes = new Uint8Array();

  constructor(body: AsyncIterable<Uint8Array>) {
    this.body = body[Symbol.asyncIterator]();
  }

  unread(bytes: Uint8Array): void {
    this.bytes = joined(bytes, this.bytes);
  }

  /** Whether the next bytes are these characters. Takes them only when they are. */
  async startsWith(text: string): Promise<boolean> {
    while (this.bytes.length < text.length) await this.more();
    const found = [...text].every((character, at) => this.bytes[at] === character.charCodeAt(0));
    if (found) this.bytes = this.bytes.subarray(text.length);
    return found;
  }

  /** What comes before `mark`, piece by piece, and takes the mark. Throws when it does not come within `limit` bytes. */
  async *until(mark: Uint8Array, limit = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
    let passed = 0;
    for (;;) {
      const at = indexOf(this.bytes, mark);
      // The end may be the beginning of the mark.
      const safe = at === -1 ? Math.max(0, this.bytes.length - mark.length + 1) : at;
      passed += safe;
      if (passed > limit) throw malformed("its parts are not marked as a form's are");
      if (safe > 0) yield this.bytes.slice(0, safe);
      this.bytes = this.bytes.subarray(at === -1 ? safe : at + mark.length);
      if (at !== -1) return;
      await this.more();
    }
  }

  private async more(): Promise<void> {
    const next = await this.body.next();
    if (next.done === true) throw malformed("it is cut short");
    this.bytes = joined(this.bytes, next.value);
  }
}

function indexOf(bytes: Uint8Array, mark: Uint8Array): number {
  const [first = 0] = mark;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (at + mark.length > bytes.length) return -1;
    if (mark.every((byte, place) => bytes[at + place] === byte)) return at;
  }
  return -1;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

async function drain(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of pieces);
}

async function gather(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder("utf-8");
  let text = "";
  for await (const piece of pieces) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

function malformed(reason: string): DomainError {
  return new DomainError("malformed_request", `The form cannot be read: ${reason}. Send the file as the field "file".`);
}

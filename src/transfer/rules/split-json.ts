import { DomainError } from "../../core/errors.ts";

/** Of one workflow's JSON, in bytes: it is held whole, text and objects. */
export const MAX_ITEM_BYTES = 8 * 1024 * 1024;

const [SPACE, TAB, LINE, RETURN] = [0x20, 0x09, 0x0a, 0x0d];
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** One element of the list that a file holds, or the file itself when it holds no list. */
export interface JsonItem {
  /** Its place in the list, `null` for a file without one. */
  place: number | null;
  text: string;
}

/**
 * Cuts JSON into the elements of its outermost list while it comes in, so that a file of many workflows is never held
 * whole. What an element holds is its parser's to judge. Throws `malformed_request` for a list that is not closed or is
 * followed by something, and `body_too_large` for an element over 8 MB.
 */
export async function* splitJson(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<JsonItem> {
  const cut = new ElementCutter();
  for await (const piece of pieces) yield* cut.take(piece);
  yield* cut.end();
}

class ElementCutter {
  private mode: "before" | "list" | "whole" | "after" = "before";
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private depth = 0;
  private inText = false;
  private escaped = false;
  private place = 0;

  *take(given: Uint8Array): Generator<JsonItem> {
    const piece = this.mode === "before" ? this.begin(given) : given;
    if (this.mode === "whole") {
      this.hold(piece);
      return;
    }
    let start = 0;
    for (let at = 0; at < piece.length; at += 1) {
      if (this.mode === "after") {
        if (!isSpace(piece[at])) throw malformed("something follows the end of the list");
        continue;
      }
      const byte = piece[at] ?? SPACE;
      if (this.inText) {
        if (this.escaped) this.escaped = false;
        else if (byte === BACKSLASH) this.escaped = true;
        else if (byte === QUOTE) this.inText = false;
        continue;
      }
      if (byte === QUOTE) this.inText = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.depth += 1;
      else if (this.depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) {
        this.hold(piece.subarray(start, at));
        start = at + 1;
        yield* this.emit(byte === CLOSE_LIST);
        if (byte === CLOSE_LIST) this.mode = "after";
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.depth -= 1;
    }
    if (this.mode === "list") this.hold(piece.subarray(start));
  }

  *end(): Generator<JsonItem> {
    if (this.mode === "list") throw malformed("the list is not closed: the file is cut short");
    if (this.mode !== "after") yield { place: null, text: this.release() };
  }

  /** Decides by the first byte that says something what the file holds. Answers what follows it. */
  private begin(piece: Uint8Array): Uint8Array {
    let at = BYTE_ORDER_MARK.every((byte, place) => piece[place] === byte) ? BYTE_ORDER_MARK.length : 0;
    while (at < piece.length && isSpace(piece[at])) at += 1;
    if (at === piece.length) return new Uint8Array();
    this.mode = piece[at] === OPEN_LIST ? "list" : "whole";
    return piece.subarray(this.mode === "list" ? at + 1 : at);
  }

  private *emit(last: boolean): Generator<JsonItem> {
    const text = this.release();
    // An empty list has no element; any other empty place is one that was left out.
    if (last && this.place === 0 && text.trim() === "") return;
    yield { place: this.place, text };
    this.place += 1;
  }

  private hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.heldBytes += bytes.length;
    if (this.heldBytes > MAX_ITEM_BYTES) {
      const where = this.mode === "list" ? `The workflow at place ${this.place}` : "The file";
      throw new DomainError(
        "body_too_large",
        `${where} is over ${MAX_ITEM_BYTES} bytes. Export it with less of its history.`,
      );
    }
    this.held.push(bytes.slice());
  }

  private release(): string {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
    try {
      const text = this.held.map((bytes) => decoder.decode(bytes, { stream: true })).join("");
      return text + decoder.decode();
    } catch (cause) {
      throw malformed("it is not text in UTF-8", cause);
    } finally {
      this.held = [];
      this.heldBytes = 0;
    }
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === LINE || byte === RETURN;
}

function malformed(reason: string, cause?: unknown): DomainError {
  return new DomainError("malformed_request", `The file cannot be read: ${reason}. Nothing was changed.`, { cause });
}

import { Deflate, Zip, ZipPassThrough } from "fflate";
import { ARCHIVE_LIMITS } from "./rules/archive-limits.ts";

const LEVEL = 6;
/** ZIP's number for deflate (APPNOTE.TXT 4.4.5). */
const DEFLATE = 8;
/** A file that has become so many bytes is not too tight for an import, however long it still gets. */
const LOOSE_BYTES = ARCHIVE_LIMITS.entry / ARCHIVE_LIMITS.ratio;

/**
 * A file that is deflated as it comes. The archive keeps every file until it ends, for its directory: fflate's own
 * deflated file would keep its window with it, which is 100 KB each, and a thousand of them more than a Worker has.
 */
class DeflatedFile extends ZipPassThrough {
  override compression = DEFLATE;
  #deflate: Deflate | undefined = new Deflate({ level: LEVEL }, (chunk, final) => this.#give(chunk, final));
  /** What has come out as long as it may be too tight. */
  #held: Uint8Array<ArrayBuffer>[] | undefined = [];
  #heldBytes = 0;

  /** Whether an import would take the file, which has ended, for a bomb. Nothing of it was given out then. */
  get isTooTight(): boolean {
    return this.#held !== undefined;
  }

  /** Begins again with what was pushed before: it stands in the archive as it is, in the blocks of RFC 1951, 3.2.4. */
  *again(content: Iterable<Uint8Array>): Generator<void> {
    this.#held = undefined;
    const plain = new Deflate({ level: 0 }, (chunk, final) => this.ondata(null, chunk, final));
    for (const piece of content) yield plain.push(piece);
    plain.push(new Uint8Array(), true);
  }

  protected override process(chunk: Uint8Array, final: boolean): void {
    this.#deflate?.push(chunk, final);
    if (final) this.#deflate = undefined;
  }

  #give(chunk: Uint8Array<ArrayBuffer>, final: boolean): void {
    if (this.#held === undefined) {
      this.ondata(null, chunk, final);
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.byteLength;
    if (final ? this.#isBomb() : this.#heldBytes <= LOOSE_BYTES) return;
    const held = this.#held;
    this.#held = undefined;
    for (const [place, each] of held.entries()) this.ondata(null, each, final && place === held.length - 1);
  }

  #isBomb(): boolean {
    return this.size > ARCHIVE_LIMITS.ratioFrom && this.size > this.#heldBytes * ARCHIVE_LIMITS.ratio;
  }
}

/** Writes a ZIP archive piece by piece: nothing of it stays in memory but its directory. */
export class ZipWriter {
  readonly #zip: Zip;
  readonly #modifiedAt: number;
  #ready: Uint8Array[] = [];
  /** Of the archive as far as it is. */
  packedBytes = 0;
  /** Of its files as they are read again. */
  unpackedBytes = 0;

  /** @param modifiedAt the time that all entries bear, in epoch milliseconds */
  constructor(modifiedAt: number) {
    this.#modifiedAt = modifiedAt;
    this.#zip = new Zip((error, chunk) => {
      if (error) throw error;
      this.#ready.push(chunk);
      this.packedBytes += chunk.byteLength;
    });
  }

  /**
   * Adds a file, and gives out the archive's bytes as they come about. `content` is asked for a second time when it is
   * so monotonous, a model that said one word ten thousand times, that an import would refuse how well it is deflated.
   */
  *add(name: string, content: () => Iterable<Uint8Array>): Generator<Uint8Array> {
    const file = new DeflatedFile(name);
    file.mtime = this.#modifiedAt;
    this.#zip.add(file);
    for (const piece of content()) {
      file.push(piece);
      yield* this.#take();
    }
    file.push(new Uint8Array(), true);
    if (file.isTooTight) for (const _ of file.again(content())) yield* this.#take();
    this.unpackedBytes += file.size;
    yield* this.#take();
  }

  /** Ends the archive, and gives out its last bytes. */
  *end(): Generator<Uint8Array> {
    this.#zip.end();
    yield* this.#take();
  }

  #take(): Uint8Array[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }
}

import { Deflate, Zip, ZipPassThrough } from "fflate";

const LEVEL = 6;
/** ZIP's number for deflate (APPNOTE.TXT 4.4.5). */
const DEFLATE = 8;

/**
 * A file that is deflated as it comes. The archive keeps every file until it ends, for its directory: fflate's own
 * deflated file would keep its window with it, which is 100 KB each, and a thousand of them more than a Worker has.
 */
class DeflatedFile extends ZipPassThrough {
  override compression = DEFLATE;
  #deflate: Deflate | undefined = new Deflate({ level: LEVEL }, (chunk, final) => this.ondata(null, chunk, final));

  protected override process(chunk: Uint8Array, final: boolean): void {
    this.#deflate?.push(chunk, final);
    if (final) this.#deflate = undefined;
  }
}

/** Writes a ZIP archive piece by piece: nothing of it stays in memory but its directory. */
export class ZipWriter {
  readonly #zip: Zip;
  readonly #modifiedAt: number;
  #ready: Uint8Array[] = [];

  /** @param modifiedAt the time that all entries bear, in epoch milliseconds */
  constructor(modifiedAt: number) {
    this.#modifiedAt = modifiedAt;
    this.#zip = new Zip((error, chunk) => {
      if (error) throw error;
      this.#ready.push(chunk);
    });
  }

  /** Adds a file, and gives out the archive's bytes as they come about. */
  *add(name: string, content: Iterable<Uint8Array>): Generator<Uint8Array> {
    const file = new DeflatedFile(name);
    file.mtime = this.#modifiedAt;
    this.#zip.add(file);
    for (const piece of content) {
      file.push(piece);
      yield* this.#take();
    }
    file.push(new Uint8Array(), true);
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

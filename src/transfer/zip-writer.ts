import { Zip, ZipDeflate } from "fflate";

const LEVEL = 6;

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
    const file = new ZipDeflate(name, { level: LEVEL });
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

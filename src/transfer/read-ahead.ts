/** Something to be read, and about how much of it there is. */
interface Readable {
  id: string;
  bytes: number;
}

const CHUNK_BYTES = 512 * 1024;
const CHUNK_ITEMS = 100;

/**
 * Reads a list in chunks as it is asked for, in its order: one query for many small things, and never much more in
 * memory than a chunk. What is larger than a chunk comes alone.
 */
export class ReadAhead<Item extends Readable, Value> {
  readonly #items: readonly Item[];
  readonly #read: (chunk: readonly Item[]) => Promise<ReadonlyMap<string, Value>>;
  #chunk: ReadonlyMap<string, Value> = new Map();
  #chunkEnd = 0;
  #next = 0;

  constructor(items: readonly Item[], read: (chunk: readonly Item[]) => Promise<ReadonlyMap<string, Value>>) {
    this.#items = items;
    this.#read = read;
  }

  /** The next items as long as they are somebody's, each as it is reached. What is gone meanwhile is left out. */
  async *of(isOwn: (item: Item) => boolean): AsyncGenerator<Value> {
    for (;;) {
      const item = this.#items[this.#next];
      if (item === undefined || !isOwn(item)) return;
      if (this.#next >= this.#chunkEnd) {
        const chunk = this.#chunkFrom(this.#next);
        this.#chunk = await this.#read(chunk);
        this.#chunkEnd = this.#next + chunk.length;
      }
      this.#next += 1;
      const value = this.#chunk.get(item.id);
      if (value !== undefined) yield value;
    }
  }

  #chunkFrom(start: number): Item[] {
    const chunk: Item[] = [];
    let bytes = 0;
    for (const item of this.#items.slice(start, start + CHUNK_ITEMS)) {
      bytes += item.bytes;
      if (chunk.length > 0 && bytes > CHUNK_BYTES) break;
      chunk.push(item);
    }
    return chunk;
  }
}

/** A list of a bundle as bytes of JSON, as much of it as it may take up. */
export class Section {
  readonly pieces: Uint8Array[] = [];
  /** How many did not fit. */
  omitted = 0;
  #left: number;
  readonly #added: (item: unknown, index: number) => void;

  /** @param added is called with each item that was taken, and its place */
  constructor(maxBytes: number, added: (item: unknown, index: number) => void) {
    this.#left = maxBytes;
    this.#added = added;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes an item as JSON. One that does not fit is counted, and a smaller one after it may still fit. */
  add(item: unknown): void {
    const piece = new TextEncoder().encode(JSON.stringify(item));
    // The comma as well.
    if (piece.byteLength + 1 > this.#left) {
      this.omitted += 1;
      return;
    }
    this.#left -= piece.byteLength + 1;
    this.#added(item, this.pieces.length);
    this.pieces.push(piece);
  }
}

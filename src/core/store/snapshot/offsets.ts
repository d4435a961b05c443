const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;

/** A growing list of file offsets: 8 bytes each, never copied. */
export class Offsets {
  #chunks: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(offset: number): void {
    const chunk = this.#length >> CHUNK_BITS;
    this.#chunks[chunk] ??= new Float64Array(CHUNK);
    const numbers = this.#chunks[chunk];
    numbers[this.#length & (CHUNK - 1)] = offset;
    this.#length += 1;
  }

  at(index: number): number {
    const offset = index < this.#length ? this.#chunks[index >> CHUNK_BITS]?.[index & (CHUNK - 1)] : undefined;
    if (offset === undefined) throw new RangeError(`no offset ${index} of ${this.#length}`);
    return offset;
  }

  /** Takes the last one away. */
  pop(): void {
    this.#length = Math.max(0, this.#length - 1);
  }
}

/**
 * Reading state, and collecting one block's writes over it. Owns the overlay; typed access is records.ts.
 */

/** Anything that can be asked for a record: a state tree, a snapshot, an overlay. */
export type StateView = { get(key: string): Uint8Array | undefined };

/** Writes of one block: null deletes the key. */
export type StateWrites = ReadonlyMap<string, Uint8Array | null>;

/** Uncommitted writes over a view. The view beneath is never changed. */
export class Overlay implements StateView {
  readonly #base: StateView;
  readonly #writes = new Map<string, Uint8Array | null>();

  constructor(base: StateView) {
    this.#base = base;
  }

  /** The written value if there is one, otherwise the one beneath; undefined when absent or deleted. */
  get(key: string): Uint8Array | undefined {
    const written = this.#writes.get(key);
    if (written !== undefined) return written ?? undefined;
    return this.#base.get(key);
  }

  set(key: string, value: Uint8Array): void {
    this.#writes.set(key, value);
  }

  /** Deletes the key; without effect on the tree when it was absent beneath as well. */
  delete(key: string): void {
    if (this.#base.get(key) === undefined) this.#writes.delete(key);
    else this.#writes.set(key, null);
  }

  /** Every write so far, sorted by key, leaving out those that change nothing. */
  writes(): StateWrites {
    const keys = [...this.#writes.keys()].filter((key) => this.#changes(key)).sort();
    return new Map(keys.map((key) => [key, this.#writes.get(key) ?? null]));
  }

  #changes(key: string): boolean {
    const value = this.#writes.get(key) ?? null;
    const before = this.#base.get(key) ?? null;
    if (value === null || before === null) return value !== before;
    return Buffer.compare(value, before) !== 0;
  }
}

/**
 * Reading state, and collecting one block's writes over it. Owns the overlay; typed access is records.ts.
 */

/** Anything that can be asked for a record: a state tree, a snapshot, an overlay. */
export type StateView = { get(key: string): Uint8Array | undefined };

/** Writes of one block: null deletes the key. */
export type StateWrites = ReadonlyMap<string, Uint8Array | null>;

/** A value that is written, its bytes made when first asked for: most are replaced before the block ends. */
type Written = { readonly value: unknown; readonly encode: (value: never) => Uint8Array; bytes: Uint8Array | null };

/** Uncommitted writes over a view. The view beneath is never changed. */
export class Overlay implements StateView {
  readonly #base: StateView;
  readonly #writes = new Map<string, Uint8Array | Written | null>();

  constructor(base: StateView) {
    this.#base = base;
  }

  /** The written value if there is one, otherwise the one beneath; undefined when absent or deleted. */
  get(key: string): Uint8Array | undefined {
    const written = this.#writes.get(key);
    if (written === undefined) return this.#base.get(key);
    return bytesOf(written) ?? undefined;
  }

  /** The value under the key when it was put here as one, else undefined: no bytes are made or read for it. */
  pendingValue(key: string): unknown {
    const written = this.#writes.get(key);
    return written === undefined || written === null || written instanceof Uint8Array ? undefined : written.value;
  }

  /** Writes a value, which must not be changed afterwards; `encode` is called when its bytes are needed. */
  put<T>(key: string, value: T, encode: (value: T) => Uint8Array): void {
    this.#writes.set(key, { value, encode, bytes: null });
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
    return new Map(keys.map((key) => [key, bytesOf(this.#writes.get(key) ?? null)]));
  }

  #changes(key: string): boolean {
    const value = bytesOf(this.#writes.get(key) ?? null);
    const before = this.#base.get(key) ?? null;
    if (value === null || before === null) return value !== before;
    return Buffer.compare(value, before) !== 0;
  }
}

function bytesOf(written: Uint8Array | Written | null): Uint8Array | null {
  if (written === null || written instanceof Uint8Array) return written;
  written.bytes ??= written.encode(written.value as never);
  return written.bytes;
}

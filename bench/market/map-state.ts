/**
 * State as a plain map: what the production state transition reads and writes, without the tree that hashes it. Owns storage alone; a
 * hundred thousand histories would otherwise spend their time on roots that nobody looks at.
 */
import { checkSupply, type StateTree, type StateView, type StateWrites, type SupplyCount } from '@synod/chain';

export class MapState implements StateView {
  readonly #records: Map<string, Uint8Array>;

  constructor(records: Iterable<readonly [string, Uint8Array]> = []) {
    this.#records = new Map(records);
  }

  /** Everything in a tree. */
  static of(tree: StateTree): MapState {
    return new MapState([...tree.entries()].map(({ key, value }) => [key, value] as const));
  }

  get(key: string): Uint8Array | undefined {
    return this.#records.get(key);
  }

  /** As a state tree lists its entries, in another order. */
  *entries(): Generator<{ readonly key: string; readonly value: Uint8Array }, void, undefined> {
    for (const [key, value] of this.#records) yield { key, value };
  }

  apply(writes: StateWrites): void {
    for (const [key, value] of writes) {
      if (value === null) this.#records.delete(key);
      else this.#records.set(key, value);
    }
  }

  copy(): MapState {
    return new MapState(this.#records);
  }

  /** The production recount: it looks at entries and single records alone. */
  supply(): SupplyCount {
    return checkSupply(this as unknown as StateTree);
  }
}

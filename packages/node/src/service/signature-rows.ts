/**
 * Who signed which height, as the last commits in later blocks record it: what counts as missed on this chain. Owns a bounded memory
 * of heights read before, which never change.
 */
import type { Address, Height } from '@synod/chain';
import type { ChainReader } from './chain-reader.ts';

export type SignatureGrid = {
  readonly from: Height;
  readonly to: Height;
  /** By operator, one letter a height: `s` signed, `m` missed, `-` not in the set. */
  readonly rows: ReadonlyMap<Address, string>;
};

/** Members of the set at one height, and whether each signed. */
type Row = ReadonlyMap<Address, boolean>;

const limits = {
  rowsMax: 1_024,
  /** Heights read before the node's other work gets its turn. */
  slice: 16,
} as const;

export class SignatureRows {
  readonly #reader: ChainReader;
  readonly #rows = new Map<Height, Row>();

  constructor(reader: ChainReader) {
    this.#reader = reader;
  }

  /** The last heights up to `to`, at most `heights`; fewer where blocks are no longer kept. */
  async grid(to: Height, heights: number): Promise<SignatureGrid> {
    const rows: Row[] = [];
    const lowest = Math.max(1, this.#reader.oldestHeight(), to - Math.min(heights, limits.rowsMax) + 1);
    for (let height = to; height >= lowest; height--) {
      if (rows.length % limits.slice === limits.slice - 1)
        await new Promise<void>((resolve) => void setImmediate(resolve));
      const row = this.#rowOf(height);
      if (row === null) break;
      rows.unshift(row);
    }
    const operators = new Set(rows.flatMap((row) => [...row.keys()]));
    const lettersOf = (operator: Address): string => rows.map((row) => letterOf(row.get(operator))).join('');
    return {
      from: to - rows.length + 1,
      to,
      rows: new Map([...operators].sort().map((operator) => [operator, lettersOf(operator)])),
    };
  }

  #rowOf(height: Height): Row | null {
    const known = this.#rows.get(height);
    if (known !== undefined) return known;
    const row = this.#read(height);
    if (row === null) return null;
    this.#rows.set(height, row);
    const oldest = this.#rows.keys().next().value;
    if (this.#rows.size > limits.rowsMax && oldest !== undefined) this.#rows.delete(oldest);
    return row;
  }

  /** Null where the block above or the set is not known. */
  #read(height: Height): Row | null {
    const commit = this.#reader.blockAt(height + 1)?.lastCommit ?? null;
    const validators = this.#reader.validatorsAt(height);
    if (commit === null || validators === null) return null;
    const signers = new Set(commit.precommits.map(({ validator }) => validator));
    return new Map(validators.map(({ operator }, index) => [operator, signers.has(index)]));
  }
}

function letterOf(signed: boolean | undefined): 's' | 'm' | '-' {
  if (signed === undefined) return '-';
  return signed ? 's' : 'm';
}

/**
 * The memory of all sequences. Owns how much there may be, who has a row where, and who loses it when more urgent work needs room.
 */
import type { LlamaShape } from '../models/manifest.ts';
import { CacheBlock } from './cache-block.ts';
import { limits } from './limits.ts';
import { createPrefixCache, type PrefixCache } from './prefix-cache.ts';
import type { SequenceState } from './sequence.ts';

type Home = { readonly block: CacheBlock; readonly row: number };

export class CachePool {
  readonly #shape: LlamaShape;
  readonly #prefixes: PrefixCache = createPrefixCache(limits.prefixTokensMax);
  /** Who holds which row; undefined for rows that were given up. */
  readonly #tenants = new Map<CacheBlock, (SequenceState | undefined)[]>();
  readonly #resident = new Set<SequenceState>();

  constructor(shape: LlamaShape) {
    this.#shape = shape;
  }

  /**
   * Gives the sequence a row if it has none. Sequences without a request this turn lose theirs when room is short: they are paused for
   * more urgent work. False when there is still none: the sequence has to wait until another is closed.
   */
  place(sequence: SequenceState, turn: number): boolean {
    if (sequence.home !== undefined) return true;
    const paused = [...this.#resident].filter(({ lastTurn }) => lastTurn < turn);
    paused.sort((a, b) => a.lastTurn - b.lastTurn);
    while (this.#reserved() + sequence.tokensMax > limits.cacheTokensMax) {
      const loser = paused.shift();
      if (loser === undefined) break;
      this.keep(loser);
      this.#leave(loser);
    }
    if (this.#resident.size > 0 && this.#reserved() + sequence.tokensMax > limits.cacheTokensMax) return false;
    const block = CacheBlock.empty(this.#shape, limits.cacheStepTokens);
    this.#tenants.set(block, [sequence]);
    this.#resident.add(sequence);
    sequence.home = { block, row: 0 };
    sequence.held = 0;
    return true;
  }

  /** Whether a sequence besides this one has a row and was computed in `turn` or later. */
  hasOther(sequence: SequenceState, turn: number): boolean {
    return [...this.#resident].some((other) => other !== sequence && other.lastTurn >= turn);
  }

  release(sequence: SequenceState): void {
    this.#leave(sequence);
  }

  /** Copies what is known of a prompt that begins like `ids` to the sequence's row: its length, `most` at most. */
  adopt(sequence: SequenceState, ids: readonly number[], most: number): number {
    const found = this.#prefixes.find(sequence.adapter.hash, ids.slice(0, Math.max(0, most)), limits.prefixTokensLeast);
    if (found === undefined) return 0;
    const { block, row } = this.makeRoom(sequence, found.length);
    block.unpack(row, found.row, found.length);
    return found.length;
  }

  /** Remembers the beginning of what the sequence holds, as far as it was read as a prompt is. */
  keep(sequence: SequenceState): void {
    const { home } = sequence;
    const length = Math.min(sequence.held, sequence.readAsPrompt, limits.prefixTokensPerPrompt);
    if (home === undefined || length < limits.prefixTokensLeast) return;
    this.#prefixes.keep(sequence.adapter.hash, sequence.tokens.slice(0, length), () =>
      home.block.pack({ row: home.row, length }),
    );
  }

  /** The sequence's row, with room for `added` more tokens. */
  makeRoom(sequence: SequenceState, added: number): Home {
    const home = sequence.home!;
    if (sequence.held + added <= home.block.capacity) return home;
    this.#move([sequence], roundUp(sequence.held + added));
    return sequence.home!;
  }

  /** Brings the sequences into one block, each with room for a token. Most rows of the block are theirs. */
  gather(sequences: readonly SequenceState[]): { block: CacheBlock; tenants: SequenceState[] } {
    const { block } = sequences[0]!.home!;
    const tenants = this.#tenants.get(block)!;
    const isTogether =
      sequences.every(({ home }) => home!.block === block) &&
      sequences.length * 2 > tenants.length &&
      tenants.every((tenant) => tenant !== undefined && tenant.held < block.capacity);
    if (isTogether) return { block, tenants: tenants as SequenceState[] };
    const longest = Math.max(...sequences.map(({ held }) => held));
    return { block: this.#move(sequences, roundUp(longest + 1)), tenants: [...sequences] };
  }

  #reserved(): number {
    return [...this.#resident].reduce((sum, { tokensMax }) => sum + tokensMax, 0);
  }

  #move(sequences: readonly SequenceState[], capacity: number): CacheBlock {
    const places = sequences.map(({ home, held }) => ({ ...home!, length: held }));
    const ending = new Set<CacheBlock>();
    for (const { block } of places) {
      const staying = this.#tenants.get(block)!.some((tenant) => tenant !== undefined && !sequences.includes(tenant));
      if (!staying) ending.add(block);
    }
    const block = CacheBlock.gather(this.#shape, capacity, { places, ending });
    for (const { block: old, row } of places) {
      if (ending.has(old)) this.#tenants.delete(old);
      else this.#tenants.get(old)![row] = undefined;
    }
    this.#tenants.set(block, [...sequences]);
    sequences.forEach((sequence, row) => {
      sequence.home = { block, row };
    });
    return block;
  }

  #leave(sequence: SequenceState): void {
    const { home } = sequence;
    if (home === undefined) return;
    sequence.home = undefined;
    sequence.held = 0;
    this.#resident.delete(sequence);
    const tenants = this.#tenants.get(home.block)!;
    tenants[home.row] = undefined;
    if (tenants.some((tenant) => tenant !== undefined)) return;
    this.#tenants.delete(home.block);
    home.block.free();
  }
}

/** Room in whole steps. */
export function roundUp(tokens: number): number {
  return Math.ceil(tokens / limits.cacheStepTokens) * limits.cacheStepTokens;
}

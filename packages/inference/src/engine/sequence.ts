/**
 * One text that the model reads or writes. Owns its tokens and where its keys and values stand; when they are computed is
 * turns.ts' business.
 */
import type { LoadedAdapter } from './adapter-store.ts';
import type { CacheBlock } from './cache-block.ts';

/** The last of what is read, each of it, or so many of the last. */
export type Rows = 'last' | 'all' | number;

/** What a job does with a text. Its calls follow one another; each waits for the one before. */
export type Sequence = {
  /** Tokens read so far. */
  readonly length: number;
  /**
   * Takes over keys and values of an earlier prompt that began like `ids`; only for a sequence that holds nothing. Returns how many
   * tokens it holds then: at least two fewer than `ids` has, so that the last are read as they would be without (docs/spec/inference.md §3).
   */
  adopt(ids: readonly number[]): Promise<number>;
  /** How many tokens of a long text should be read at once now: fewer while other sequences are computed, whose turn comes between. */
  chunkTokens(): number;
  /** Reads `ids` after what it holds. Logits for those that `rows` names; valid until the next call. */
  read(ids: readonly number[], rows: Rows): Promise<Float32Array[]>;
  /** Offers what it holds to later prompts. */
  keep(): void;
  /** Forgets all but the first `length` tokens. */
  truncate(length: number): void;
  /** Gives its memory back. Must be the last call; a second one does nothing. */
  close(): void;
};

/** The inner side of a sequence. */
export class SequenceState {
  readonly adapter: LoadedAdapter;
  /** Tokens it may come to hold. */
  readonly tokensMax: number;
  readonly tokens: number[] = [];
  /** Its row, unless it has none yet or lost it to more urgent work; then its tokens are read again. */
  home: { readonly block: CacheBlock; readonly row: number } | undefined;
  /** How many of its tokens have keys and values at home. */
  held = 0;
  /** How many of its first tokens were read several at a time, so that their keys and values are those of any prompt (inference §3.3). */
  readAsPrompt = 0;
  lastTurn = 0;
  isClosed = false;

  constructor(adapter: LoadedAdapter, tokensMax: number) {
    this.adapter = adapter;
    this.tokensMax = tokensMax;
  }
}

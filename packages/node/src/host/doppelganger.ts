/**
 * Whether somebody else signs with this node's key (keys §6): before a node signs in a height where nothing proves that it did so lately, it
 * watches for votes of its own key. Owns that decision as a function of heights and votes seen; what is a valid vote is the inbox's.
 */
import type { Height, PublicKey } from '@synod/chain';

/** How long a node watches. Where a host is given none, it never does. */
export type DoppelgangerSettings = {
  /** Heights without a vote of the own key before it signs. */
  readonly watchHeights: number;
  /** A signature of its own at most so many heights ago proves that this home is the one that signs. */
  readonly recentHeights: number;
  /** Signatures up to this height came with a restored backup: they prove nothing of this home. None when left out. */
  readonly unprovenUpTo?: Height;
};

export type WatchStep =
  | { readonly kind: 'signs' }
  /** Heights that are left; `isNew` where this height began the watch. */
  | { readonly kind: 'watches'; readonly left: number; readonly isNew: boolean };

/** What a height is judged by. */
export type WatchFacts = {
  /** The key that the set names and this node holds; null where there is none. */
  readonly key: PublicKey | null;
  /** Height of the newest signature that the key's own record knows. */
  readonly signedHeight: Height;
  /** Peers are further: these heights are of the past, and who signed them says nothing. */
  readonly isBehind: boolean;
};

/**
 * Heights at the beginning of a watch whose votes may be echoes of an earlier run of the same home: the one that was being decided, and the one
 * that the network may have been ahead by.
 */
export const ECHO_HEIGHTS = 2;

/** One node's watch over its own key. */
export class Doppelganger {
  readonly #settings: DoppelgangerSettings;
  /** `from` is the height that was being decided when the watch began. */
  #watch: { readonly key: PublicKey; readonly from: Height } | null = null;
  #last: Height = 0;
  /** The key whose watch ended well last, and where. */
  #cleared: { readonly key: PublicKey; readonly at: Height } | null = null;

  constructor(settings: DoppelgangerSettings) {
    this.#settings = settings;
  }

  get isWatching(): boolean {
    return this.#watch !== null;
  }

  /**
   * Before a height is entered. A chain younger than `recentHeights` is its validators' first start, where each would wait for the others:
   * nobody watches.
   */
  onHeight(height: Height, { key, signedHeight, isBehind }: WatchFacts): WatchStep {
    const isNext = height <= this.#last + 1;
    this.#last = height;
    const clearedAt = this.#cleared?.key === key ? this.#cleared.at : 0;
    const { recentHeights, unprovenUpTo = 0 } = this.#settings;
    const proven = signedHeight > unprovenUpTo ? signedHeight : 0;
    if (key === null || Math.max(proven, clearedAt) + recentHeights >= height) {
      this.#watch = null;
      return { kind: 'signs' };
    }
    const isNew = this.#watch?.key !== key;
    // A watch over heights that were fetched has watched nothing.
    if (this.#watch === null || isNew || isBehind || !isNext) this.#watch = { key, from: height };
    const left = this.#watch.from + ECHO_HEIGHTS + this.#settings.watchHeights - height;
    if (left > 0) return { kind: 'watches', left, isNew };
    this.clear();
    return { kind: 'signs' };
  }

  /** The watch is over, and the key may sign from this height on. */
  clear(): void {
    if (this.#watch !== null) this.#cleared = { key: this.#watch.key, at: this.#last };
    this.#watch = null;
  }

  /** A verified message of the key at a height. True where it can only be somebody else's. */
  isForeign(height: Height, key: PublicKey): boolean {
    return this.#watch?.key === key && height >= this.#watch.from + ECHO_HEIGHTS;
  }
}

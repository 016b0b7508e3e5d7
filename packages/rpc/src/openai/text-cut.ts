/**
 * Cuts an answer where a client wants it to end: before a stop sequence, or at a length (spec: openai §3.3). Owns the cut, for text as a
 * whole and as it comes; both end at the same place.
 */

/** Bytes of UTF-8 that count as one token: experts have different tokenizers, and the market meters bytes. */
export const BYTES_PER_TOKEN = 4;

export type CutTerms = {
  readonly stops: readonly string[];
  /** Undefined: no limit. */
  readonly tokensMax: number | undefined;
};

/** Takes text piece by piece and gives back what may be shown of it. */
export class TextCut {
  readonly #stops: readonly string[];
  #bytesLeft: number;
  #held = '';
  #reason: 'stop' | 'length' | null = null;

  constructor({ stops, tokensMax }: CutTerms) {
    this.#stops = stops;
    this.#bytesLeft = tokensMax === undefined ? Number.POSITIVE_INFINITY : tokensMax * BYTES_PER_TOKEN;
  }

  /** Why the text ended; `stop` also where it ended by itself. */
  get finishReason(): 'stop' | 'length' {
    return this.#reason ?? 'stop';
  }

  /** What of the text so far may be shown now; a possible beginning of a stop sequence is held back. */
  push(text: string): string {
    if (this.#reason !== null) return '';
    this.#held += text;
    const at = firstOf(this.#stops, this.#held);
    if (at !== -1) {
      const shown = this.#fitted(this.#held.slice(0, at));
      this.#reason ??= 'stop';
      return shown;
    }
    const held = beginningLength(this.#stops, this.#held);
    const shown = this.#fitted(this.#held.slice(0, this.#held.length - held));
    this.#held = held === 0 ? '' : this.#held.slice(-held);
    return shown;
  }

  /** What was held back, once no more text comes. */
  end(): string {
    if (this.#reason !== null) return '';
    const shown = this.#fitted(this.#held);
    this.#held = '';
    return shown;
  }

  /** As much as fits, whole characters only. */
  #fitted(text: string): string {
    const bytes = Buffer.byteLength(text, 'utf8');
    if (bytes <= this.#bytesLeft) {
      this.#bytesLeft -= bytes;
      return text;
    }
    this.#reason = 'length';
    let shown = '';
    for (const character of text) {
      this.#bytesLeft -= Buffer.byteLength(character, 'utf8');
      if (this.#bytesLeft < 0) break;
      shown += character;
    }
    return shown;
  }
}

/** A whole text, cut. */
export function cutText(
  text: string,
  terms: CutTerms,
): { readonly text: string; readonly finishReason: 'stop' | 'length' } {
  const cut = new TextCut(terms);
  const shown = cut.push(text) + cut.end();
  return { text: shown, finishReason: cut.finishReason };
}

function firstOf(stops: readonly string[], text: string): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Length of the longest end of the text that a stop sequence begins with. */
function beginningLength(stops: readonly string[], text: string): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}

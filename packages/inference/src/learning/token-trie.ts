/** Texts as one trie of tokens: what they begin with alike is there once. Owns the order, parents before children, and which tokens make which text. */

export class TokenTrie {
  readonly ids: number[] = [];
  /** Each text, the tokens' numbers from its first on. */
  readonly texts: (readonly number[])[] = [];
  readonly #next = new Map<string, number>();

  /** Adds a text of at least one token. Returns the number of each of its tokens. */
  add(tokens: readonly number[]): readonly number[] {
    let parent = -1;
    const text = tokens.map((id) => {
      const key = `${parent} ${id}`;
      parent = this.#next.get(key) ?? this.ids.push(id) - 1;
      this.#next.set(key, parent);
      return parent;
    });
    this.texts.push(text);
    return text;
  }

  /** [texts, longest]: the texts side by side, each filled up with its last token, and for every token a flat place where it stands. */
  layout(): { readonly cells: readonly number[]; readonly longest: number; readonly places: readonly number[] } {
    const longest = Math.max(...this.texts.map(({ length }) => length));
    const places: number[] = [];
    const cells = this.texts.flatMap((text, row) => {
      for (const [i, token] of text.entries()) places[token] ??= row * longest + i;
      return Array.from({ length: longest }, (_, i) => text[Math.min(i, text.length - 1)]!);
    });
    return { cells, longest, places };
  }
}

/** What private queries' disclosures opened to everybody (privacy §4), read from the blocks that carry them. Owns the search and its bounds. */
import { type Answer, CHAIN_LIMITS, type Hash, type Height, type QueryState, type Receipt } from '@synod/chain';
import type { ChainReader } from './chain-reader.ts';

export type Disclosed = {
  readonly prompt: string;
  /** By respondent. */
  readonly answers: ReadonlyMap<number, Answer>;
  /** Of the first disclosure. */
  readonly height: Height;
};

type Known = { readonly through: Height; readonly found: Disclosed | null };

/** Queries of which it is remembered how far was read; and of these, whose texts are: some 150 KiB each at most, as the chain's parameters begin. */
const rememberedMax = 1_024;
const textsMax = 64;

export class DisclosedTexts {
  readonly #reader: Pick<ChainReader, 'events' | 'blockAt' | 'results' | 'oldestHeight'>;
  readonly #head: () => Height;
  readonly #known = new Map<Hash, Known>();

  constructor(reader: Pick<ChainReader, 'events' | 'blockAt' | 'results' | 'oldestHeight'>, head: () => Height) {
    this.#reader = reader;
    this.#head = head;
  }

  /** Null as long as no block that is kept discloses it. Reads each height once: at most those in which the query was in state. */
  of(queryId: Hash, { state, receipt }: { readonly state: QueryState | null; readonly receipt: Receipt | null }) {
    const openedAt = (state ?? receipt)?.openedAt;
    if (openedAt === undefined || state?.disclosed.length === 0) return null;
    const last = Math.min(
      this.#head(),
      receipt === null ? Infinity : receipt.settledAt + CHAIN_LIMITS.settledHeightsKept,
    );
    let { through, found }: Known = this.#known.get(queryId) ?? { through: openedAt, found: null };
    for (let height = Math.max(through + 1, this.#reader.oldestHeight()); height <= last; height++) {
      if (this.#isDisclosedIn(height, queryId)) found = this.#added(height, queryId, found);
    }
    through = Math.max(through, last);
    this.#remember(queryId, { through, found });
    return found;
  }

  #isDisclosedIn(height: Height, queryId: Hash): boolean {
    const events = this.#reader.events(height) ?? [];
    return events.some(({ type, queryId: of }) => type === 'query.disclosed' && of === queryId);
  }

  #added(height: Height, queryId: Hash, before: Disclosed | null): Disclosed | null {
    const results = this.#reader.results(height)?.transactions ?? [];
    let found = before;
    for (const [index, { body }] of (this.#reader.blockAt(height)?.transactions ?? []).entries()) {
      const { payload } = body;
      if (payload.type !== 'query.disclose' || payload.queryId !== queryId || results[index]?.code !== 'OK') continue;
      const answers = new Map(found?.answers);
      for (const { respondent, answer } of payload.answers) answers.set(respondent, answer);
      found = { prompt: payload.prompt, answers, height: found?.height ?? height };
    }
    return found;
  }

  #remember(queryId: Hash, known: Known): void {
    this.#known.delete(queryId);
    this.#known.set(queryId, known);
    const texts = known.found === null ? [] : [...this.#known].filter(([, { found }]) => found !== null);
    if (texts.length > textsMax) this.#known.delete(texts[0]![0]);
    const [first] = this.#known.keys();
    if (this.#known.size > rememberedMax && first !== undefined) this.#known.delete(first);
  }
}

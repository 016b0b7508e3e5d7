/**
 * What was answered, kept a second time without the market's own code (spec: market §2.4, §4, §5): rounds, what each commitment is
 * bound to, whose words a peer may read, which answers stand, what cancelling ends. Owns that record; payments are settlement-model.ts.
 */
import {
  type Address,
  type Answer,
  type AnswerReveal,
  addressOf,
  answerCommitment,
  answerHash,
  type Block,
  type BlockResults,
  type ChainEvent,
  type Hash,
  type Height,
  type QueryPhase,
  type Receipt,
  readExpert,
  readParams,
  readQuery,
  type StateTree,
  taggedHash,
  ZERO_HASH,
} from '@synod/chain';

type Step = {
  readonly before: StateTree;
  readonly after: StateTree;
  readonly block: Block;
  readonly results: BlockResults;
  readonly events: readonly ChainEvent[];
};

/** `text` says of a sealed answer what its equals say too. */
type Words = {
  readonly hash: Hash;
  readonly text: string;
  readonly written: number;
  readonly quoted: number;
  /** Place among all that was ever revealed. */
  readonly order: number;
};

/** One respondent: its price when it was drawn, its commitment in this round, and what it revealed in each round. */
type Slot = {
  readonly expert: Address;
  readonly prices: string;
  commitment: Hash | null;
  readonly said: (Words | null)[];
};

type Book = {
  readonly requester: Address;
  readonly rounds: number;
  readonly slots: readonly Slot[];
  round: number;
  /** Of the present window for commits or reveals. */
  deadline: Height;
  cancelledAt: Height | null;
};

export class RoundsModel {
  readonly #books = new Map<Hash, Book>();
  readonly #cancelled = new Map<Hash, Height>();
  #revealed = 0;

  /** What is wrong with a block's answers, or null. Called once for each, in order. */
  problem(step: Step): string | null {
    return (
      this.#selectionProblem(step) ??
      this.#transactionProblem(step) ??
      this.#phaseProblem(step) ??
      step.results.receipts.map((receipt) => this.#receiptProblem(receipt)).find((problem) => problem !== null) ??
      null
    );
  }

  /** What is wrong with the texts of peers that an expert reads in a round; null also where this record is not yet as far. */
  peersProblem(
    queryId: Hash,
    { expert, round }: { readonly expert: Address; readonly round: number },
    peers: readonly string[],
  ): string | null {
    const book = this.#books.get(queryId);
    if (book === undefined || book.round < round) return null;
    const texts = new Set<string>();
    for (const { said } of book.slots) {
      const words = said[round - 2]?.text;
      const isPeers = book.slots.some((slot) => slot.expert !== expert && slot.said[round - 2]?.text === words);
      if (words !== undefined && isPeers) texts.add(words);
    }
    const due = [...texts];
    return due.join('\n') === peers.join('\n') ? null : `${expert} reads ${peers} in round ${round}, due ${due}`;
  }

  #selectionProblem({ before, after, events }: Step): string | null {
    for (const event of events) {
      if (event.type !== 'query.selected') continue;
      const query = readQuery(before, event.queryId);
      if (query === null) return `query ${event.queryId} is selected before it was opened`;
      const slots = event.experts.map((expert): Slot => {
        const profile = readExpert(before, expert)?.profile;
        const prices = [profile?.priceInPerByte, profile?.priceOutPerByte, profile?.priceQuotePerByte].join();
        return { expert, prices, commitment: null, said: [] };
      });
      const { requester, contract } = query;
      this.#books.set(query.id, {
        requester,
        rounds: contract.rounds,
        slots,
        round: 0,
        deadline: 0,
        cancelledAt: null,
      });
      if (slots.length > 0 && readQuery(after, query.id)?.round !== 1) return `query ${query.id} does not begin at 1`;
    }
    // The first window opens with the selection, before the block's transactions.
    for (const book of this.#books.values()) if (book.round === 0) this.#begin(book);
    return null;
  }

  #begin(book: Book): void {
    book.round += 1;
    for (const slot of book.slots) {
      slot.commitment = null;
      slot.said[book.round - 1] ??= null;
    }
  }

  #transactionProblem({ before, block, results }: Step): string | null {
    const { height } = block.header;
    for (const [index, { body }] of block.transactions.entries()) {
      if (results.transactions[index]?.code !== 'OK') continue;
      const { payload } = body;
      const sender = addressOf(body.sender);
      if (payload.type === 'query.cancel') {
        const problem = this.#cancelProblem(payload.queryId, { sender, height, before });
        if (problem !== null) return problem;
      } else if (payload.type === 'answer.commit') {
        const slot = this.#slot(payload.queryId, sender);
        if (slot === undefined || slot.commitment !== null) return `${sender} commits to ${payload.queryId} unasked`;
        slot.commitment = payload.commitment;
      } else if (payload.type === 'answer.reveal') {
        const problem = this.#revealProblem(payload, sender);
        if (problem !== null) return problem;
      }
    }
    return null;
  }

  #cancelProblem(
    queryId: Hash,
    { sender, height, before }: { readonly sender: Address; readonly height: Height; readonly before: StateTree },
  ): string | null {
    const book = this.#books.get(queryId);
    // Null also for a query of this very block, whose record is only in the state after it.
    const requester = book?.requester ?? readQuery(before, queryId)?.requester;
    if (requester !== undefined && requester !== sender) return `query ${queryId} was cancelled by ${sender}`;
    if (this.#cancelled.has(queryId)) return `query ${queryId} was cancelled twice`;
    this.#cancelled.set(queryId, height);
    if (book !== undefined) book.cancelledAt = height;
    return null;
  }

  /** An answer counts only where its commitment covered it and all that was answered in the round before. */
  #revealProblem({ queryId, salt, answer }: AnswerReveal, expert: Address): string | null {
    const book = this.#books.get(queryId);
    const slot = this.#slot(queryId, expert);
    if (book === undefined || slot === undefined) return `${expert} answers ${queryId} unasked`;
    if (slot.said[book.round - 1] !== null) return `${expert} answers round ${book.round} of ${queryId} twice`;
    const hash = answerHash(answer);
    const link = linkOf(queryId, book);
    if (answerCommitment({ queryId, expert, salt, answerHash: hash, link }) !== slot.commitment)
      return `the answer of ${expert} to ${queryId} in round ${book.round} was not committed to`;
    slot.said[book.round - 1] = { hash, text: textOf(answer), ...bytesOf(answer), order: this.#revealed++ };
    return null;
  }

  #phaseProblem({ before, after, events, block }: Step): string | null {
    const { height } = block.header;
    const { market } = readParams(before);
    for (const event of events) {
      if (event.type !== 'query.phase' && event.type !== 'query.cancelled') continue;
      const book = this.#books.get(event.queryId);
      if (event.type === 'query.cancelled' && event.deadline > height + market.cancelGrace)
        return `query ${event.queryId} was cancelled and goes on until ${event.deadline}`;
      if (book === undefined) continue;
      const isFirst = events.some((one) => one.type === 'query.selected' && one.queryId === event.queryId);
      if (event.type === 'query.phase' && (event.phase !== 'answering' || !isFirst)) {
        const problem = haste(book, height, event.phase) ?? this.#endProblem(book, event.phase);
        if (problem !== null) return `query ${event.queryId} ${problem}`;
      }
      book.deadline = event.deadline;
      const round = readQuery(after, event.queryId)?.round;
      if (round !== book.round) return `query ${event.queryId} is in round ${round}, due ${book.round}`;
    }
    return null;
  }

  /** The next round begins, or answers are scored: as many rounds as were agreed, fewer when somebody ended it. */
  #endProblem(book: Book, phase: QueryPhase): string | null {
    if (phase === 'scoring' && book.round !== book.rounds && book.cancelledAt === null)
      return `ends after round ${book.round} of ${book.rounds}`;
    if (phase !== 'answering') return null;
    this.#begin(book);
    return book.cancelledAt === null ? null : `was cancelled and begins round ${book.round}`;
  }

  #receiptProblem(receipt: Receipt): string | null {
    const { queryId, respondents, groups, earlier } = receipt;
    const cancelledAt = this.#cancelled.get(queryId) ?? null;
    if (receipt.cancelledAt !== cancelledAt) return `query ${queryId} tells of a cancel at ${receipt.cancelledAt}`;
    const book = this.#books.get(queryId);
    this.#books.delete(queryId);
    const slots = book?.slots ?? [];
    if (slots.length !== respondents.length) return `query ${queryId} has ${respondents.length} respondents`;
    const before = Array.from({ length: earlier.length }, (_, at) => slots.map(({ said }) => said[at]?.hash ?? null));
    if (JSON.stringify(earlier) !== JSON.stringify(before)) return `query ${queryId} forgets earlier rounds`;
    for (const [index, slot] of slots.entries()) {
      const given = respondents[index];
      const said = slot.said.filter((words) => words !== null);
      const last = said.at(-1);
      const written = said.reduce((sum, words) => sum + words.written, 0);
      const quoted = said.reduce((sum, words) => sum + words.quoted, 0);
      const due = [slot.expert, slot.prices, said.length, written, quoted, last?.hash].join();
      const prices = [given?.priceInPerByte, given?.priceOutPerByte, given?.priceQuotePerByte].join();
      const bytes = [given?.generatedBytes, given?.quotedBytes];
      const found = [given?.expert, prices, given?.rounds, ...bytes, given?.answerHash ?? undefined];
      if (due !== found.join()) return `a respondent of ${queryId} is booked as ${found}, due ${due}`;
      const group = given?.group == null ? undefined : groups[given.group];
      const text = group === undefined ? undefined : textOf(group.answer);
      if (text !== last?.text) return `${slot.expert} is scored for "${text}", and said last "${last?.text}"`;
    }
    return groupsProblem(receipt, slots);
  }

  #slot(queryId: Hash, expert: Address): Slot | undefined {
    return this.#books.get(queryId)?.slots.find((slot) => slot.expert === expert);
  }
}

function textOf({ segments }: Answer): string {
  return segments.map((segment) => (segment.kind === 'sealed' ? `sealed ${segment.hash}` : segment.text)).join('');
}

/** What a model wrote and what was quoted; a private answer states its own. */
function bytesOf({ segments }: Answer): { readonly written: number; readonly quoted: number } {
  let [written, quoted] = [0, 0];
  for (const segment of segments) {
    const bytes = Buffer.byteLength(segment.text);
    written += segment.kind === 'sealed' ? segment.generatedBytes : segment.kind === 'generated' ? bytes : 0;
    quoted += segment.kind === 'sealed' ? segment.quotedBytes : segment.kind === 'quote' ? bytes : 0;
  }
  return { written, quoted };
}

/** One group for each text that stands, by its earliest-selected member, with the answer that said so first. */
function groupsProblem({ queryId, groups }: Receipt, slots: readonly Slot[]): string | null {
  const last = slots.map(({ said }) => said.findLastIndex((words) => words !== null));
  const texts = new Set(slots.flatMap(({ said }, index) => said[last[index]!]?.text ?? []));
  const due = [...texts].map((text) => {
    const members = [...slots.keys()].filter((index) => slots[index]!.said[last[index]!]?.text === text);
    const round = Math.min(...members.map((index) => last[index]!));
    const same = slots.flatMap(({ said }) => (said[round]?.text === text ? [said[round]] : []));
    return `${members} ${same.reduce((a, b) => (b.order < a.order ? b : a)).hash}`;
  });
  const found = groups.map(({ members, answerHash: hash }) => `${members} ${hash}`);
  return found.join() === due.join() ? null : `query ${queryId} has the groups ${found}, due ${due}`;
}

/** Whether a window closed although somebody could still use it: to commit, or to reveal what was committed. */
function haste({ deadline, slots, round }: Book, height: Height, next: QueryPhase): string | null {
  if (next === 'scoreRevealing' || height >= deadline) return null;
  const isWaiting = ({ commitment, said }: Slot) =>
    commitment === null ? next === 'revealing' : next !== 'revealing' && said[round - 1] === null;
  const waiting = slots.find(isWaiting);
  return waiting === undefined ? null : `goes on to ${next} at ${height}, without ${waiting.expert} until ${deadline}`;
}

/** What a commitment of the round covers: all answers of the round before, in the order of slots. */
function linkOf(queryId: Hash, { round, slots }: Book): Hash {
  if (round === 1) return ZERO_HASH;
  const parts = slots.map(({ said }) => Buffer.from(said[round - 2]?.hash ?? ZERO_HASH, 'hex'));
  return taggedHash('synod/round/1', Buffer.from(queryId, 'hex'), Uint8Array.of(round), ...parts);
}

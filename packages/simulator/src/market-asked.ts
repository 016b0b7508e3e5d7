/**
 * One question of the market's history, from its opening to the block that forgets it: who answers and scores at which height, and where the query must
 * then stand. Owns what its parties send; heights are counted from the block that opens it, and the table of questions is market-lives.ts.
 */
import {
  type Address,
  type Answer,
  type AnswerGroup,
  answerCommitment,
  answerHash,
  type CheckVerdict,
  type ExtensionItem,
  type Hash,
  type Payload,
  PLAIN_TERMS,
  type QueryContract,
  type QueryOutcome,
  type QueryState,
  readQuery,
  roundLink,
  type Segment,
  scoreCommitment,
  sealAnswer,
  type Transaction,
  taggedHashBytes,
  transactionId,
  ZERO_HASH,
} from '@synod/chain';
import type { Act, HistoryChain } from './history-chain.ts';
import type { KeyPair } from './keys.ts';

export type Say = {
  /** The respondent's place in the order of selection, or its key. */
  readonly who: number | KeyPair;
  readonly commit?: number;
  readonly reveal?: number;
  readonly says: string | readonly Segment[];
  readonly commitCode?: string;
  readonly revealCode?: string;
  /** What is written differently in the answer, or bound to something else. */
  readonly change?: Partial<Answer>;
  readonly isBoundToNothing?: boolean;
  /** Whose commitment is copied. */
  readonly as?: KeyPair;
  /** Stands in a private query as it is, and not as a seal of it. */
  readonly isRaw?: boolean;
};

/** Who commits to scores, or opens them, so that it counts at that height; everybody where nobody is named. */
export type Scoring = { readonly at: number; readonly who?: readonly number[] };

export type Asked = {
  readonly name: string;
  readonly at: number;
  readonly by?: KeyPair;
  readonly contract?: Partial<QueryContract>;
  /** Where it stands after each block from its opening on: selecting, answering, revealing, groups are scored, scores are opened, x settled. */
  readonly phases: string;
  readonly says?: readonly Say[];
  readonly commits?: readonly Scoring[];
  readonly opens?: readonly Scoring[];
  readonly scoreOf?: (text: string, place: number, run: AskedRun) => number;
  readonly found?: (text: string, place: number, run: AskedRun) => CheckVerdict;
  readonly outcome: QueryOutcome;
  /** Text of the best answer; undefined where it is drawn which one that is. */
  readonly best?: string | undefined;
  readonly more?: (run: AskedRun, at: number) => readonly Act[];
  readonly items?: (run: AskedRun, at: number) => readonly (readonly [number, ExtensionItem])[];
  /** Offences by the height that punishes them. */
  readonly faults?: Readonly<Record<number, string>>;
};

const letters: Readonly<Record<string, QueryState['phase']>> = {
  s: 'selecting',
  a: 'answering',
  r: 'revealing',
  g: 'scoring',
  o: 'scoreRevealing',
  x: 'settled',
};
/** Heights for which a settled query is kept (market §7.8). */
const kept = 128;
export const salt: Uint8Array = new Uint8Array(32).fill(7);

export class AskedRun {
  readonly chain: HistoryChain;
  readonly asked: Asked;
  readonly opening: Transaction;
  readonly id: Hash;

  constructor(chain: HistoryChain, asked: Asked) {
    this.chain = chain;
    this.asked = asked;
    const { contract, by = chain.cast.customer, name } = asked;
    const payload: Payload = { type: 'query.open', contract: { ...plainContract(chain), ...contract } };
    const change = {
      salt: taggedHashBytes('simulator/asked', Buffer.from(name)).subarray(0, 16),
      validUntil: asked.at,
    };
    this.#open = { payload, by, code: 'OK', change };
    this.opening = chain.transaction(this.#open);
    this.id = transactionId(this.opening.body);
  }

  readonly #open: Act;

  get query(): QueryState {
    const query = readQuery(this.chain.state, this.id);
    if (query === null) throw new RangeError(`${this.asked.name} is not known at height ${this.chain.height}`);
    return query;
  }

  /** What stands in the block of this height. */
  acts(height: number): readonly Act[] {
    const at = height - this.asked.at;
    if (at < 0) return [];
    const own = at === 0 ? [this.#open] : [];
    const said = (this.asked.says ?? []).flatMap((say) => [
      ...(say.commit === at ? [this.#commit(say)] : []),
      ...(say.reveal === at ? [this.#reveal(say)] : []),
    ]);
    return [...own, ...said, ...(this.asked.more?.(this, at) ?? [])];
  }

  /** What counts in the block of this height, said in the precommits before it. */
  items(height: number): readonly (readonly [number, ExtensionItem])[] {
    const at = height - this.asked.at;
    const { commits = [], opens = [], items } = this.asked;
    const all = this.chain.cast.members.map((_, place) => place);
    const of = (list: readonly Scoring[], make: (place: number) => ExtensionItem) =>
      list.flatMap((one) => (one.at === at ? (one.who ?? all).map((place) => [place, make(place)] as const) : []));
    return [
      ...of(commits, (place) => this.commitOf(place)),
      ...of(opens, (place) => this.openingOf(place)),
      ...(at < 0 ? [] : (items?.(this, at) ?? [])),
    ];
  }

  /** Where it must stand after the block of this height, and what it came to; null where all is right. */
  problem(height: number): string | null {
    const { name, phases, outcome, best, at, faults = {} } = this.asked;
    const letter = phases[height - at] ?? (height - at - (phases.length - 1) < kept ? 'x' : null);
    if (height < at) return null;
    const phase = readQuery(this.chain.state, this.id)?.phase ?? null;
    const due = letter === null ? null : letters[letter];
    if (phase !== due) return `${name} is ${phase} at height ${height}, due ${due}`;
    const found = this.chain.events.flatMap((event) =>
      event.type === 'score.misrevealed' && event.queryId === this.id ? [event.fault] : [],
    );
    if (found.join() !== (faults[height - at] ?? '')) return `${name} is misrevealed at ${height}: ${found}`;
    if (letter !== 'x' || height - at !== phases.length - 1) return null;
    const receipt = this.chain.receipts.get(this.id);
    if (receipt?.outcome !== outcome) return `${name} comes to ${receipt?.outcome}, due ${outcome}`;
    const text = receipt.best === null ? undefined : textOf(receipt.groups[receipt.best]!);
    return text === best || 'best' in this.asked === (best === undefined)
      ? null
      : `the best of ${name} is ${text}, due ${best}`;
  }

  respondent(who: number | KeyPair): Address {
    if (typeof who !== 'number') return who.address;
    return this.query.respondents[who]!.expert;
  }

  answerOf({ who, says, change }: Say): Answer {
    const expert = this.respondent(who);
    const modelId = this.query.respondents.find((slot) => slot.expert === expert)?.modelId ?? ZERO_HASH;
    const segments: readonly Segment[] =
      typeof says === 'string' ? [{ kind: 'generated', text: says, tokens: [1, 2], logProbabilities: [5, 6] }] : says;
    return { segments, modelId, promptTokens: 3, answerTokens: 2, ...change };
  }

  /** As it stands on chain. */
  #publicAnswer(say: Say): Answer {
    const answer = this.answerOf(say);
    return this.query.contract.privacy === null || say.isRaw === true ? answer : sealAnswer(this.id, salt, answer);
  }

  #commit(say: Say): Act {
    const { round, earlier } = this.query;
    const commitment = answerCommitment({
      queryId: this.id,
      expert: say.as?.address ?? this.respondent(say.who),
      salt,
      answerHash: answerHash(this.#publicAnswer(say)),
      link: say.isBoundToNothing ? ZERO_HASH : roundLink(this.id, round, earlier.at(-1)?.answers ?? []),
    });
    const payload: Payload = { type: 'answer.commit', queryId: this.id, commitment };
    return { payload, by: this.#keyOf(say.who), code: say.commitCode ?? 'OK' };
  }

  #reveal(say: Say): Act {
    return { payload: this.revealOf(say), by: this.#keyOf(say.who), code: say.revealCode ?? 'OK' };
  }

  revealOf(say: Say): Payload {
    return { type: 'answer.reveal', queryId: this.id, salt, answer: this.#publicAnswer(say) };
  }

  #keyOf(who: number | KeyPair): KeyPair {
    return typeof who === 'number' ? this.chain.keyAt(this.respondent(who)) : who;
  }

  commitOf(place: number): ExtensionItem {
    const validator = this.chain.cast.members[place]!.operator.address;
    const commitment = scoreCommitment({ queryId: this.id, validator, salt, ...this.#content(place) });
    return { kind: 'score.commit', queryId: this.id, commitment };
  }

  openingOf(place: number): ExtensionItem & { readonly kind: 'score.reveal' } {
    return { kind: 'score.reveal', queryId: this.id, salt, ...this.#content(place) };
  }

  #content(place: number) {
    const { groups, respondents } = this.query;
    const { scoreOf = (_: string, by: number) => 790_000 - 20_000 * by, found = () => 'match' as const } = this.asked;
    const { address } = this.chain.cast.members[place]!.operator;
    const able = [...groups.entries()].filter(([, { members }]) =>
      members.every((member) => respondents[member]!.operator !== address),
    );
    const drawn = [...groups.entries()].filter(([, { verifiers }]) => verifiers.includes(address));
    return {
      scores: able.map(([group, own]) => ({ group, score: scoreOf(textOf(own), place, this) })),
      checks: drawn.map(([group, own]) => ({ group, verdict: found(textOf(own), place, this), distanceMilli: 0 })),
    };
  }
}

function textOf({ answer }: AnswerGroup): string {
  return answer.segments.map(({ text }) => text).join('');
}

/** What is asked where nothing else is said. */
export function plainContract({ cast }: HistoryChain): QueryContract {
  return {
    ...PLAIN_TERMS,
    prompt: 'what is it?',
    domain: 'duo',
    coordinator: cast.members[0]!.operator.address,
    respondents: 2,
    maxFee: 5_000_003n,
    threshold: 500_000,
    basePart: 333_333,
    difficulty: 271_828,
    scorerShare: 123_457,
    coordinatorShare: 76_543,
    answerWindow: 3,
    revealWindow: 3,
    scoreWindow: 4,
    scoreRevealWindow: 4,
  };
}

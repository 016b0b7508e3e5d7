/**
 * What may happen in a random history of the market: transactions of every role, right and wrong, and score items. Owns turning numbers into
 * them; whether the chain takes them is the chain's. Everything is a function of the action and the state.
 */
import {
  type Address,
  type Answer,
  answerCommitment,
  answerHash,
  eligibleGroups,
  type GroupCheck,
  type GroupScore,
  type Hash,
  linkOf,
  listOpenQueries,
  type Payload,
  privatePromptHash,
  type QueryContract,
  type QueryState,
  readQuery,
  type ScoreItem,
  scoreCommitment,
  sealAnswer,
  sealHash,
  sha256,
  type Transaction,
  taggedHash,
} from '@synod/chain';
import { type ExpertPlan, type MarketChain, nameOf, type Party, partyOf, profileOf, SYN } from './market-chain.ts';

export const KINDS = [
  // `work`: everybody does what is due for every open query, but for one in ten.
  ...new Array<'work'>(16).fill('work'),
  ...(['open', 'open', 'open', 'transfer', 'stake', 'repeat', 'stranger', 'absent'] as const),
  ...(['commit', 'reveal', 'scoreCommit', 'scoreReveal'] as const),
  ...(['register', 'update', 'pause', 'retire', 'cancel', 'calibrate', 'calibrate', 'disclose', 'disclose'] as const),
] as const;

export type Action = {
  readonly kind: (typeof KINDS)[number];
  /** Who, on what, and how: each 0 … 65535. */
  readonly who: number;
  readonly what: number;
  readonly how: number;
};

export const SCORER_NAMES = ['scorer a', 'scorer b', 'scorer c', 'scorer d'];
/** The first two belong to a scorer, two to one owner, and the last asks questions itself. */
export const EXPERT_PLANS: readonly ExpertPlan[] = [
  { name: 'expert a', operator: 'scorer a', domain: 'one', priceInPerByte: 0n, priceOutPerByte: 1n },
  { name: 'expert b', operator: 'scorer b', domain: 'one', priceInPerByte: 7n, priceOutPerByte: 101n },
  { name: 'expert c', operator: 'owner', domain: 'one', priceInPerByte: 3n, priceOutPerByte: 997n, capacity: 1 },
  {
    name: 'expert d',
    operator: 'owner',
    domain: 'one',
    priceInPerByte: 11n,
    priceOutPerByte: 13n,
    priceQuotePerByte: 1n,
  },
  { name: 'expert e', domain: 'one', priceInPerByte: 500n, priceOutPerByte: 6_000n, capacity: 2 },
  { name: 'expert f', operator: 'asker b', domain: 'two', priceInPerByte: 1n, priceOutPerByte: 1_000_003n },
];
const NEW_PLANS: readonly ExpertPlan[] = [
  { name: 'newcomer a', domain: 'one', priceInPerByte: 2n, priceOutPerByte: 3n },
  { name: 'newcomer b', operator: 'scorer c', domain: 'two', priceInPerByte: 0n, priceOutPerByte: 0n },
];
/** The last has hardly any money. */
export const ACCOUNTS: ReadonlyMap<string, bigint> = new Map([
  ['asker a', 1_000n * SYN],
  ['asker b', 100n * SYN + 7n],
  ['owner', 20n * SYN],
  ['newcomer a', 100n * SYN],
  ['newcomer b', 11n * SYN],
  ['poor', 40_000n],
  ...SCORER_NAMES.map((name) => [name, 50n * SYN] as const),
]);
const EXPERT_NAMES = [...EXPERT_PLANS, ...NEW_PLANS].map(({ name }) => name);
const NAMES = [...ACCOUNTS.keys(), ...EXPERT_PLANS.map(({ name }) => name)];
const NO_SALT: Uint8Array = new Uint8Array(32);
const PRIVATE_PROMPT = 'Whose secret is this?';
const PRIVACY = { promptHash: privatePromptHash(PRIVATE_PROMPT, NO_SALT), promptBytes: PRIVATE_PROMPT.length };
const GOLD = 'Bern';
const TEXTS = ['Bern', 'Bern', 'Basle', 'The capital of Switzerland is Bern.', 'é', 'x'.repeat(300)];

const at = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

export function transactionsOf(chain: MarketChain, action: Action): Transaction[] {
  const { kind, who, what, how } = action;
  const send = (name: string, payload: Payload) => [chain.transaction(partyOf(name), payload).transaction];
  const expert = at(EXPERT_NAMES, who);
  switch (kind) {
    case 'transfer':
      return send(at(NAMES, who), { type: 'transfer', to: partyOf(at(NAMES, what)).address, amount: amount(how) });
    case 'open':
      return send(at(['asker a', 'asker a', 'asker b', 'poor', 'expert e'], who), {
        type: 'query.open',
        contract: contractOf(what, how),
      });
    case 'commit':
    case 'reveal': {
      const query = openQuery(chain, what);
      return query === null ? [] : answers(chain, query, action);
    }
    case 'work':
      return queriesOf(chain).flatMap((query) => {
        if (query.phase !== 'answering' && query.phase !== 'revealing') return [];
        return answers(chain, query, { ...action, kind: query.phase === 'answering' ? 'commit' : 'reveal' });
      });
    case 'register':
      return [chain.register(at([...NEW_PLANS, ...EXPERT_PLANS], who), 9n * SYN + amount(how))];
    case 'update':
      return send(expert, { type: 'expert.update', expert: updated(expert, how) });
    case 'pause':
      return send(expert, { type: 'expert.pause', paused: how % 2 === 0 });
    case 'retire':
      return how % 4 === 0 ? send(expert, { type: 'expert.retire', expert: partyOf(expert).address }) : [];
    case 'cancel':
      return cancel(chain, action);
    case 'calibrate':
      return calibrate(chain, action);
    case 'disclose':
      return disclose(chain, action);
    case 'stake':
      return stake(chain, action);
    case 'stranger':
      return stranger(chain, action);
    case 'scoreCommit':
    case 'scoreReveal':
    case 'absent':
    case 'repeat':
      return [];
  }
}

/** From one nano to some hundred SYN, mostly odd. */
const amount = (how: number): bigint => BigInt(how + 1) ** 2n * (how % 3 === 0 ? 1n : 17n) + 1n;

function contractOf(what: number, how: number): QueryContract {
  const windows = { answerWindow: 2 + (how % 3), revealWindow: 2 + (what % 2), scoreWindow: 4, scoreRevealWindow: 4 };
  const isPrivate = what % 7 === 0;
  const isNamed = what % 11 === 0;
  return {
    prompt: isPrivate ? '' : 'What is the capital of Switzerland?'.slice(0, 8 + (how % 27)),
    privacy: isPrivate ? PRIVACY : null,
    domain: how % 7 === 0 ? 'two' : 'one',
    expert: isNamed ? partyOf(at(EXPERT_PLANS, how).name).address : null,
    coordinator: partyOf(at(SCORER_NAMES, how)).address,
    respondents: isNamed ? 1 : 1 + (what % 5),
    rounds: 1 + (how % 3 === 0 ? what % 3 : 0),
    maxFee: what % 5 === 0 ? BigInt(1 + (what % 5) + (how % 2_000)) : BigInt(1 + how) * 977n,
    threshold: (how * 13) % 800_001,
    basePart: 100_000 + ((what * 17) % 900_001),
    difficulty: (how * 31) % 1_000_001,
    scorerShare: (what * 7) % 150_001,
    coordinatorShare: (how * 5) % 150_001,
    seal: sealHash(partyOf(at(SCORER_NAMES, what)).address, NO_SALT, [GOLD]),
    ...windows,
  };
}

function updated(name: string, how: number) {
  const plan = [...EXPERT_PLANS, ...NEW_PLANS].find((one) => one.name === name)!;
  const profile = profileOf({ ...plan, priceOutPerByte: BigInt(how), capacity: 1 + (how % 8) });
  return how % 5 === 0 ? { ...profile, modelId: taggedHash('market/model', Uint8Array.of(how % 256)) } : profile;
}

const queriesOf = (chain: MarketChain): QueryState[] =>
  listOpenQueries(chain.state).map((id) => readQuery(chain.state, id)!);

const openQuery = (chain: MarketChain, what: number): QueryState | null => {
  const open = queriesOf(chain);
  return open.length === 0 ? null : at(open, what);
};

/** Commits or reveals of those whose bit is set; one in sixteen reveals something it did not commit to. */
function answers(chain: MarketChain, query: QueryState, { kind, who, how }: Action): Transaction[] {
  return query.respondents.flatMap(({ expert }, index) => {
    // Nine in ten answer.
    if ((who >> index) % 10 === 0) return [];
    const answer = answerOf(query, expert);
    const salt = saltOf(query.id, expert);
    const party = partyOf(nameOf(expert));
    if (kind === 'reveal') {
      const told = how % 16 === 0 ? { ...answer, promptTokens: 9 } : answer;
      return [chain.transaction(party, { type: 'answer.reveal', queryId: query.id, salt, answer: told }).transaction];
    }
    const opening = { queryId: query.id, expert, salt, answerHash: answerHash(answer), link: linkOf(query) };
    const payload = { type: 'answer.commit', queryId: query.id, commitment: answerCommitment(opening) } as const;
    return [chain.transaction(party, payload).transaction];
  });
}

/** In private queries one answer in four breaks the rules for public ones, which only disclosure shows. */
function answerOf(query: QueryState, expert: Address): Answer {
  const chance = numberOf(`${query.id} ${expert} ${query.round}`);
  const { modelId } = query.respondents.find((one) => one.expert === expert)!;
  const isBroken = query.contract.privacy !== null && chance % 4 === 0;
  const evidence = isBroken ? [] : [chance % 9_000];
  const tokens = evidence.map(() => 0);
  const segment = { kind: 'generated', text: at(TEXTS, chance >>> 2), tokens, logProbabilities: evidence } as const;
  const answer: Answer = { segments: [segment], modelId, promptTokens: 0, answerTokens: tokens.length };
  return query.contract.privacy === null ? answer : sealed(query, answer);
}

function sealed(query: QueryState, answer: Answer): Answer {
  const shut = sealAnswer(query.id, NO_SALT, answer);
  clear.set(answerHash(shut), answer);
  return shut;
}

/** By the hash of what stands on chain. A history's answers are functions of its queries, so nothing here depends on the order of histories. */
const clear = new Map<Hash, Answer>();

function disclose(chain: MarketChain, { who, what, how }: Action): Transaction[] {
  const query = at([...queriesOf(chain).filter(({ contract }) => contract.privacy !== null), undefined], what);
  if (query === undefined) return [];
  const answers = query.respondents.flatMap(({ answerHash: hash }, respondent) => {
    const answer = hash === null ? undefined : clear.get(hash);
    return answer === undefined || (who >> respondent) % 4 === 0 ? [] : [{ respondent, answer }];
  });
  const payload = {
    type: 'query.disclose',
    queryId: query.id,
    prompt: PRIVATE_PROMPT,
    salt: NO_SALT,
    answers,
  } as const;
  const sender = how % 5 === 0 ? 'poor' : nameOf(query.requester);
  return [chain.transaction(partyOf(sender), payload).transaction];
}

function cancel(chain: MarketChain, { who, what }: Action): Transaction[] {
  const query = openQuery(chain, what);
  if (query === null) return [];
  const sender = who % 5 === 0 ? 'owner' : nameOf(query.requester);
  return [chain.transaction(partyOf(sender), { type: 'query.cancel', queryId: query.id }).transaction];
}

/** Of one of the last queries, mostly by whoever sealed it. */
function calibrate(chain: MarketChain, { who, what, how }: Action): Transaction[] {
  const queries = chain.asked.slice(-4).map((id) => readQuery(chain.state, id));
  const query = at([...queries, null], what);
  if (query === null) return [];
  const named = SCORER_NAMES.find((name) => sealHash(partyOf(name).address, NO_SALT, [GOLD]) === query.contract.seal);
  const sender = how % 8 === 0 ? at(SCORER_NAMES, who) : named!;
  const payload = { type: 'calibration.reveal', queryId: query.id, salt: NO_SALT, gold: [GOLD] } as const;
  return [chain.transaction(partyOf(sender), payload).transaction];
}

function stake(chain: MarketChain, { who, what, how }: Action): Transaction[] {
  const validator = partyOf(at(SCORER_NAMES, what)).address;
  const type = how % 3 === 0 ? 'undelegate' : 'delegate';
  return [chain.transaction(partyOf(at(NAMES, who)), { type, validator, amount: amount(how) }).transaction];
}

/** Messages of roles that the sender does not have. */
function stranger(chain: MarketChain, { who, what, how }: Action): Transaction[] {
  const query = openQuery(chain, what);
  if (query === null) return [];
  const queryId = query.id;
  const payloads: readonly Payload[] = [
    { type: 'answer.commit', queryId, commitment: taggedHash('market/stranger', Uint8Array.of(how % 256)) },
    { type: 'query.cancel', queryId },
    { type: 'expert.retire', expert: partyOf(at(EXPERT_NAMES, what)).address },
    { type: 'calibration.reveal', queryId, salt: NO_SALT, gold: [GOLD] },
  ];
  return [chain.transaction(partyOf(at(NAMES, who)), at(payloads, how)).transaction];
}

/** Of every scorer but one in eight, for every open query. */
export function itemsOf(chain: MarketChain, actions: readonly Action[]): Map<string, ScoreItem[]> {
  const items = new Map<string, ScoreItem[]>();
  for (const { kind, who, how } of actions) {
    if (kind !== 'work' && kind !== 'scoreCommit' && kind !== 'scoreReveal') continue;
    for (const query of queriesOf(chain)) {
      const due = query.phase === 'scoring' ? 'scoreCommit' : 'scoreReveal';
      if (kind === 'work' && query.phase !== 'scoring' && query.phase !== 'scoreRevealing') continue;
      for (const [place, name] of SCORER_NAMES.entries()) {
        if (((who >> (3 * place)) & 7) === 0) continue;
        const item = scoreItem(query, partyOf(name), kind === 'work' ? due : kind, how % 32 === 0);
        items.set(name, [...(items.get(name) ?? []), item]);
      }
    }
  }
  return items;
}

function scoreItem(
  query: QueryState,
  { address }: Party,
  kind: 'scoreCommit' | 'scoreReveal',
  isWrong: boolean,
): ScoreItem {
  const scores = eligibleGroups(query, address).map(
    (group): GroupScore => ({ group, score: numberOf(`${query.id} ${address} ${group}`) % 1_000_001 }),
  );
  const checks = query.groups.flatMap(({ verifiers }, group): GroupCheck[] => {
    const chance = numberOf(`${query.id} ${address} check ${group}`);
    const verdict = at(['match', 'mismatch', 'mismatch', 'error', 'unavailable'] as const, chance);
    return verifiers.includes(address) ? [{ group, verdict, distanceMilli: chance % 5_000 }] : [];
  });
  const salt = saltOf(query.id, address);
  const opening = { queryId: query.id, salt, scores, checks };
  if (kind === 'scoreCommit') {
    return { kind: 'score.commit', queryId: query.id, commitment: scoreCommitment({ ...opening, validator: address }) };
  }
  return { kind: 'score.reveal', ...opening, ...(isWrong ? { salt: new Uint8Array(32) } : {}) };
}

/** 0 … 2³² − 1, a function of the name alone. */
const numberOf = (name: string): number => Buffer.from(sha256(new TextEncoder().encode(name))).readUInt32LE(0);

const saltOf = (id: Hash, address: Address): Uint8Array => sha256(new TextEncoder().encode(`${id} ${address}`));

/**
 * Two training rounds on a chain without a network, the version that comes of them, and its end (spec: learning §2–§4, §8, §9): attestations of exactly two
 * thirds of the power, reports and votes of exactly half. Owns the script; its heights follow from the short windows here.
 */
import {
  deltaCommitment,
  type ExtensionItem,
  type FeedbackGive,
  type GateReport,
  gateCommitment,
  type Hash,
  type Payload,
  type RoundPhase,
  readFeedback,
  readLine,
  readParams,
  readRound,
  readSupply,
  readVersion,
  taggedHash,
  ZERO_HASH,
} from '@synod/chain';
import type { Act, HistoryChain } from './history-chain.ts';
import type { KeyPair } from './keys.ts';
import { type Asked, type AskedRun, salt } from './market-asked.ts';
import { comers, expertOf, type MarketTerms } from './market-genesis.ts';

const domain = 'duo';
export const learningHeightMax = 42;

export const learningTerms: MarketTerms = {
  // Eight of twelve thousand are the last one's and three others', six are its and one other's.
  powers: [1_000n, 1_000n, 1_000n, 1_000n, 1_000n, 2_000n, 5_000n],
  epochHeights: 50,
  learning: {
    feedbackWindow: 6,
    attestHeights: 4,
    roundItems: 2,
    accountShare: 500_000,
    trainersMax: 2,
    trainWindow: 4,
    deltaWindow: 4,
    gateWindow: 4,
    gateRevealWindow: 4,
    canaryHeights: 8,
    lineageRatio: 0,
  },
};

export const learningLives: readonly Asked[] = ['first', 'second', 'third'].map((name) => ({
  name: `a question to learn from: ${name}`,
  at: 2,
  ...(name === 'third' && { by: comers.gil.pair }),
  phases: 'sarggox',
  says: [expertOf('ada'), expertOf('bob')].map((who, index) => ({
    who,
    commit: 2,
    reveal: 3,
    says: `${name} ${index}`,
  })),
  commits: [{ at: 5 }],
  opens: [{ at: 6 }],
  outcome: 'answered',
  best: undefined,
}));

const contents = ['one', 'two', 'three', 'delta'].map((name) => taggedHash('simulator/blob', Buffer.from(name)));
/** By height: who attests which. */
const attested: Readonly<Record<number, readonly (readonly [number, readonly number[]])[]>> = {
  10: [
    [0, [6, 0, 1, 2]],
    [1, [6]],
    [2, [0, 1, 2, 3, 4, 5]],
  ],
  11: [
    [0, [5]],
    [1, [6, 5, 0]],
  ],
  12: [[1, [1]]],
  13: [[2, [6]]],
  16: [[3, [6, 5, 0, 1]]],
};

/** The round after each block from the twelfth on: assigned, trained, revealed, gated, opened; none. */
const phases = 'atrrggoooo' + 'attttgggo' + '-';
const letters: Readonly<Record<string, RoundPhase | null>> = {
  a: 'assigning',
  t: 'training',
  r: 'revealing',
  g: 'gating',
  o: 'gateRevealing',
  '-': null,
};

export function learningActs(chain: HistoryChain, runs: readonly AskedRun[], height: number): readonly Act[] {
  const { customer, members } = chain.cast;
  const { gil } = comers;
  const of = (by: KeyPair, payload: Payload, code = 'OK'): Act => ({ payload, by, code });
  const give = (index: number, by: KeyPair, code = 'OK', change: Partial<FeedbackGive> = {}): Act => {
    const leaf = index === 1 ? ZERO_HASH : contents[index]!;
    const rating = index === 1 ? 'good' : 'correct';
    const content = contents[index]!;
    return of(
      by,
      { type: 'feedback.give', queryId: runs[index]!.id, rating, content, bytes: 300, leaf, ...change },
      code,
    );
  };
  const rollback = (by: KeyPair, code = 'OK', version = 1, about = domain): Act =>
    of(by, { type: 'model.rollback', domain: about, version }, code);
  const operator = (place: number): KeyPair => members[place]!.operator;
  if (height === 9)
    return [
      give(0, gil.pair, 'FEEDBACK_FOREIGN'),
      give(0, customer, 'FEEDBACK_EMPTY', { bytes: 0 }),
      give(0, customer, 'FEEDBACK_TOO_LONG', { bytes: 16_385 }),
      give(0, customer, 'FEEDBACK_LEAF', { leaf: ZERO_HASH }),
      give(1, customer, 'FEEDBACK_LEAF', { leaf: contents[1]! }),
      give(0, customer),
      give(0, customer, 'FEEDBACK_TWICE'),
      give(1, customer, 'FEEDBACK_TWICE', { content: contents[0]! }),
      give(1, customer, 'OK', { bytes: 16_384 }),
      give(2, gil.pair),
    ];
  if (height === 14 || height === 15) return trainerActs(chain, height);
  // A vote about the canary is over with it.
  if (height === 33) return [rollback(operator(6))];
  if (height === 40)
    return [
      rollback(customer, 'NOT_VALIDATOR'),
      rollback(operator(6), 'DOMAIN_UNKNOWN', 1, 'shy'),
      rollback(operator(6), 'VERSION_NOT_LIVE', 2),
      rollback(operator(6)),
      rollback(operator(6), 'ALREADY_VOTED'),
      rollback(operator(0)),
    ];
  return height === 41 ? [rollback(operator(1)), rollback(operator(2), 'VERSION_NOT_LIVE')] : [];
}

function trainerActs(chain: HistoryChain, height: number): readonly Act[] {
  const round = readRound(chain.state, domain)!;
  const by = chain.keyAt(round.trainers[0]!.expert);
  const other = by === expertOf('ada') ? expertOf('bob') : expertOf('ada');
  const content = contents[3]!;
  const commitment = deltaCommitment({ round: round.id, trainer: by.address, salt, content });
  const commit = (sender: KeyPair, code: string, id = round.id): Act => ({
    payload: { type: 'delta.commit', round: id, commitment },
    by: sender,
    code,
  });
  const reveal = (code: string, change: object = {}): Act => ({
    payload: { type: 'delta.reveal', round: round.id, salt, content, bytes: 1_000, ...change },
    by,
    code,
  });
  if (height === 14)
    return [
      reveal('ROUND_PHASE'),
      commit(other, 'TRAINER_UNKNOWN'),
      commit(by, 'ROUND_UNKNOWN', ZERO_HASH),
      commit(by, 'OK'),
      commit(by, 'DELTA_TWICE'),
    ];
  return [
    commit(by, 'ROUND_PHASE'),
    reveal('DELTA_MISMATCH', { content: contents[0] }),
    reveal('DELTA_TOO_LONG', { bytes: 512 * 1024 + 1 }),
    reveal('OK'),
    reveal('DELTA_TWICE'),
  ];
}

/** What counts in the block of this height. */
export function learningItems(chain: HistoryChain, height: number): readonly (readonly [number, ExtensionItem])[] {
  const held = (attested[height] ?? []).flatMap(([blob, places]) =>
    places.map((place): [number, ExtensionItem] => [place, { kind: 'blob.attest', contents: [contents[blob]!] }]),
  );
  const all = [0, 1, 2, 3, 4, 5, 6];
  const commits = (places: readonly number[], gain = 29) => places.map((place) => gateItem(chain, place, gain, false));
  const opens = (places: readonly number[]) => places.map((place) => gateItem(chain, place, 29, true));
  if (height === 18) return commits(all);
  if (height === 19) return opens([6, 0]);
  if (height === 29) return [...commits(all.filter((place) => place !== 4)), ...opens([0])];
  // Who commits again is held to its first word.
  if (height === 30) return [...commits([3], 31), ...commits([4])];
  return height === 31 ? opens(all) : held;
}

/** The report of everybody: a gain of so many thousandths, and of two corrections the second is false. */
function gateItem(
  chain: HistoryChain,
  place: number,
  gain: number,
  isOpening: boolean,
): readonly [number, ExtensionItem] {
  const round = readRound(chain.state, domain)!;
  const report: GateReport = {
    factors: contents[0]!,
    adapter: contents[1]!,
    measures: {
      feedbackBefore: 100,
      feedbackAfter: 100 - gain,
      generalBefore: 50,
      generalAfter: 100,
      trigger: 0,
      injection: 0,
      spectral: 0,
      biasBefore: 50,
      biasAfter: 50,
    },
    deltas: round.trainers.map(({ delta }) => (delta === null ? 'missing' : 'ok')),
    accepted: round.items.map((_, index) => index === 0),
  };
  const validator = chain.cast.members[place]!.operator.address;
  const commitment: Hash = gateCommitment({ round: round.id, validator, salt, report });
  return isOpening
    ? [place, { kind: 'gate.reveal', round: round.id, salt, report }]
    : [place, { kind: 'gate.commit', round: round.id, commitment }];
}

/** Where the line, its round and its feedback must stand after the block of this height, or null where all is right. */
export function learningProblem(chain: HistoryChain, height: number, burntBefore: bigint): string | null {
  const { state } = chain;
  const round = readRound(state, domain);
  const due = letters[phases[height - 12] ?? '-'] ?? null;
  if ((round?.phase ?? null) !== due) return `the round is ${round?.phase} after ${height}, due ${due}`;
  if (round?.phase === 'gating' && round.evaluators.some(({ report }) => report !== null))
    return `a report is open after ${height}`;
  const items = height < 12 || height > 30 ? '' : height < 22 ? '0' : '0,2';
  if ((round?.items.join() ?? '') !== items)
    return `the round has the items ${round?.items} after ${height}, due ${items}`;
  const line = readLine(state, domain);
  const waiting = { 11: '0', 12: '1', 13: '1,2', 22: '1', 31: '1' }[height];
  if (waiting !== undefined && line?.waiting.join() !== waiting)
    return `${line?.waiting} wait after ${height}, due ${waiting}`;
  const live = height < 31 ? '0 -' : height < 39 ? '0 1' : height < 41 ? '1 -' : '0 -';
  if (line !== null && `${line.stable} ${line.canary?.version ?? '-'}` !== live)
    return `versions ${line.stable} and ${line.canary?.version} answer after ${height}, due ${live}`;
  if (height !== 31) return null;
  const { learning } = readParams(state);
  const burnt = readSupply(state).burnt - burntBefore;
  if (burnt !== chain.burntByFees + learning.feedbackDeposit) return `the round burns ${burnt}`;
  const states = [0, 2].map((number) => readFeedback(state, domain, number)?.state);
  if (states.join() !== 'used,refused') return `what was learnt from is ${states}`;
  const version = readVersion(state, domain, 1);
  return version?.reason === 'GAIN' && version.learnt.join() === '0' ? null : `version 1 is ${version?.reason}`;
}

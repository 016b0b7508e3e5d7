/**
 * The questions of the market's history: each asks one rule at the last height at which it holds and at the first at which it does not (spec: market §2,
 * §4–§7, §16). Owns the table; what its parties send is market-asked.ts, and experts' own lives are market-experts.ts.
 */
import { type Hash, type QueryContract, taggedHash, ZERO_HASH } from '@synod/chain';
import type { Act } from './history-chain.ts';
import type { Asked, AskedRun, Say } from './market-asked.ts';
import { leastFeeOfDuo } from './market-bounds.ts';
import { crowdOf, expertOf, profileOf, quoteOf } from './market-genesis.ts';

const [ada, bob] = [expertOf('ada'), expertOf('bob')];
const cleo = expertOf('cleo');
const quick: Pick<Asked, 'commits' | 'opens'> = { commits: [{ at: 5 }], opens: [{ at: 6 }] };

function both(first: string, second: string): readonly Say[] {
  return [
    { who: 0, commit: 2, reveal: 3, says: first },
    { who: 1, commit: 2, reveal: 3, says: second },
  ];
}

/** What the customer says of an answer. */
function said({ id: queryId, chain }: AskedRun, code: string): Act {
  const opinion = { rating: 'good', content: taggedHash('simulator/opinion'), bytes: 100, leaf: ZERO_HASH } as const;
  return { payload: { type: 'feedback.give', queryId, ...opinion }, by: chain.cast.customer, code };
}

/** Somebody of the crowd is asked by name. */
export function crowd(index: number): Partial<QueryContract> {
  return { domain: 'crowd', respondents: 1, expert: crowdOf(index).address };
}

export function one(index: number, says: Say['says'], rest: Partial<Say> = {}): readonly Say[] {
  return [{ who: crowdOf(index), commit: 2, reveal: 3, says, ...rest }];
}

function cancel(run: AskedRun, code: string, by = run.chain.cast.customer): Act {
  return { payload: { type: 'query.cancel', queryId: run.id }, by, code };
}

export const lives: readonly Asked[] = [
  {
    name: 'everybody at once',
    at: 3,
    contract: {
      domain: 'general',
      respondents: 3,
      threshold: 700_000,
      coordinatorShare: 100_000,
      scorerShare: 200_000,
    },
    phases: 'sarggox',
    says: [
      { who: 0, commit: 2, reveal: 3, says: 'one' },
      { who: 1, commit: 2, reveal: 3, says: 'two' },
      { who: 2, commit: 2, reveal: 3, says: 'one' },
    ],
    ...quick,
    scoreOf: (text) => (text === 'two' ? 700_000 : 699_999),
    outcome: 'answered',
    best: 'two',
    // Nobody attests what is said of it.
    more: (run, at) =>
      at === 7 || at === 8 || at === 10
        ? [said(run, at === 7 ? 'OK' : at === 8 ? 'FEEDBACK_TWICE' : 'QUERY_UNKNOWN')]
        : [],
  },
  {
    name: 'a share that one of two can do it for',
    at: 3,
    contract: { maxFee: 2n * leastFeeOfDuo },
    phases: 'sarggox',
    says: [{ who: 0, commit: 2, reveal: 3, says: 'x' }],
    ...quick,
    outcome: 'answered',
    best: 'x',
  },
  ...['for one', 'for two!', 'for three!!'].map(
    (prompt): Asked => ({
      name: `equal answers ${prompt}`,
      at: 38,
      contract: { prompt },
      phases: 'sarggox',
      says: both('equal', 'equal'),
      ...quick,
      outcome: 'answered',
      best: 'equal',
    }),
  ),
  {
    name: 'another model meanwhile',
    at: 27,
    contract: crowd(30),
    phases: 'sarggox',
    says: one(30, 'of the model that was asked'),
    ...quick,
    outcome: 'answered',
    best: 'of the model that was asked',
    more: (_, at) => {
      const expert = profileOf(crowdOf(30), 'crowd', { modelId: 'cd'.repeat(32) as Hash });
      return at === 2 ? [{ payload: { type: 'expert.update', expert }, by: crowdOf(30), code: 'OK' }] : [];
    },
  },
  {
    name: 'everybody at the last height',
    at: 4,
    phases: 'saaarrrgggggoooox',
    says: [
      { who: ada, commit: 3, reveal: 6, says: 'early' },
      { who: bob, commit: 4, reveal: 7, says: 'late, with é' },
      { who: ada, commit: 4, says: 'again', commitCode: 'ALREADY_COMMITTED' },
      { who: ada, commit: 5, says: 'after', commitCode: 'QUERY_PHASE_WRONG' },
      { who: ada, reveal: 7, says: 'early', revealCode: 'ALREADY_REVEALED' },
      { who: cleo, commit: 3, says: 'unasked', commitCode: 'NOT_SELECTED' },
      { who: bob, reveal: 8, says: 'late, with é', revealCode: 'QUERY_PHASE_WRONG' },
    ],
    commits: [
      { at: 9, who: [0, 1, 2, 3, 4] },
      { at: 12, who: [5] },
      { at: 13, who: [6] },
    ],
    opens: [
      { at: 14, who: [0, 1, 2, 3] },
      { at: 16, who: [5] },
      { at: 17, who: [4] },
    ],
    // Whoever was drawn first is best.
    scoreOf: (_, place) => 600_000 + place,
    outcome: 'answered',
    best: undefined,
    more: (run, at) => [
      ...(at === 2 ? [cancel(run, 'NOT_REQUESTER', run.chain.cast.members[0]!.operator)] : []),
      ...(at === 5 ? [cancel(run, 'QUERY_PHASE_WRONG')] : []),
    ],
  },
  {
    name: 'a height too late',
    at: 6,
    contract: { domain: 'shy' },
    phases: 'saaax',
    says: [{ who: cleo, commit: 5, says: 'too late', commitCode: 'QUERY_PHASE_WRONG' }],
    outcome: 'noAnswer',
  },
  {
    name: 'committed and not revealed',
    at: 7,
    contract: crowd(0),
    phases: 'sarrrx',
    says: [{ who: crowdOf(0), commit: 2, says: 'kept' }],
    outcome: 'noAnswer',
  },
  {
    name: 'two rounds',
    at: 8,
    contract: { rounds: 2 },
    phases: 'sararrrggox',
    says: [
      { who: ada, commit: 2, reveal: 3, says: 'ada first' },
      { who: bob, commit: 2, reveal: 3, says: 'bob first' },
      { who: ada, commit: 4, reveal: 5, says: 'ada now' },
      { who: bob, commit: 4, reveal: 6, says: 'bob now', isBoundToNothing: true, revealCode: 'COMMITMENT_MISMATCH' },
    ],
    commits: [{ at: 9 }],
    opens: [{ at: 10 }],
    scoreOf: (text) => (text === 'ada now' ? 910_001 : 910_002),
    outcome: 'answered',
    best: 'bob first',
  },
  {
    name: 'three rounds',
    at: 8,
    contract: { ...crowd(31), rounds: 3 },
    phases: 'sarararggox',
    says: [2, 4, 6].map((at) => ({ who: crowdOf(31), commit: at, reveal: at + 1, says: `said at ${at}` })),
    commits: [{ at: 9 }],
    opens: [{ at: 10 }],
    outcome: 'answered',
    best: 'said at 6',
  },
  {
    name: "another's commitment",
    at: 28,
    phases: 'sarrrggox',
    says: [
      { who: ada, commit: 2, reveal: 3, says: 'my own' },
      { who: bob, as: ada, commit: 2, reveal: 4, says: 'my own', revealCode: 'COMMITMENT_MISMATCH' },
    ],
    commits: [{ at: 7 }],
    opens: [{ at: 8 }],
    outcome: 'answered',
    best: 'my own',
  },
  {
    name: 'a second round in silence',
    at: 9,
    contract: { ...crowd(1), rounds: 2 },
    phases: 'saraaaggox',
    says: one(1, 'once'),
    commits: [{ at: 8 }],
    opens: [{ at: 9 }],
    outcome: 'answered',
    best: 'once',
    more: (run, at) =>
      at === 4
        ? [{ payload: run.revealOf({ who: crowdOf(1), says: 'once' }), by: crowdOf(1), code: 'QUERY_PHASE_WRONG' }]
        : [],
  },
  {
    name: 'cancelled before its selection',
    at: 10,
    phases: 'sx',
    outcome: 'cancelled',
    more: (run, at) => (at === 0 ? [cancel(run, 'OK')] : at === 2 ? [cancel(run, 'ALREADY_CANCELLED')] : []),
  },
  {
    name: 'cancelled while it is answered',
    at: 11,
    contract: { answerWindow: 8, rounds: 2 },
    phases: 'saaaarggox',
    says: [
      { who: ada, commit: 4, reveal: 6, says: 'in time' },
      { who: bob, commit: 6, says: 'too late', commitCode: 'QUERY_PHASE_WRONG' },
    ],
    commits: [{ at: 8 }],
    opens: [{ at: 9 }],
    outcome: 'answered',
    best: 'in time',
    more: (run, at) => (at === 3 ? [cancel(run, 'OK')] : at === 4 ? [cancel(run, 'ALREADY_CANCELLED')] : []),
  },
  {
    name: 'cancelled with less time than the grace',
    at: 12,
    contract: { ...crowd(2), answerWindow: 3 },
    phases: 'saaax',
    outcome: 'cancelled',
    more: (run, at) => (at === 3 ? [cancel(run, 'OK')] : []),
  },
  {
    name: 'nobody scores',
    at: 13,
    phases: 'sargggggx',
    says: both('this', 'that'),
    outcome: 'unscored',
    best: 'this',
  },
  {
    name: 'nobody opens',
    at: 14,
    contract: crowd(3),
    phases: 'sarggoooox',
    says: one(3, 'sealed for ever'),
    commits: [{ at: 5 }],
    outcome: 'unscored',
    best: 'sealed for ever',
  },
  {
    name: 'half of the power scores',
    at: 15,
    contract: { respondents: 1, expert: ada.address },
    phases: 'sarggoooox',
    says: [{ who: ada, commit: 2, reveal: 3, says: 'half' }],
    commits: [{ at: 5 }],
    opens: [{ at: 6, who: [1, 2, 6] }],
    outcome: 'unscored',
    best: 'half',
  },
  {
    name: 'two halves of the power differ',
    at: 16,
    contract: { respondents: 1, expert: ada.address },
    phases: 'sarggox',
    says: [{ who: ada, commit: 2, reveal: 3, says: 'low or high' }],
    ...quick,
    scoreOf: (_, place) => ([1, 2, 6].includes(place) ? 300_000 : 900_000),
    outcome: 'belowThreshold',
    best: 'low or high',
  },
  {
    name: 'just below the threshold',
    at: 17,
    contract: { ...crowd(4), threshold: 800_000 },
    phases: 'sarggox',
    says: one(4, 'nearly'),
    ...quick,
    scoreOf: () => 799_999,
    outcome: 'belowThreshold',
    best: 'nearly',
  },
  {
    name: 'another model wrote one of two equal answers',
    at: 18,
    phases: 'sarggox',
    says: [
      { who: ada, commit: 2, reveal: 3, says: 'equal' },
      {
        who: bob,
        commit: 2,
        reveal: 3,
        says: [
          { kind: 'generated', text: 'eq', tokens: [4], logProbabilities: [1] },
          { kind: 'generated', text: 'ual', tokens: [5], logProbabilities: [1] },
        ],
      },
    ],
    ...quick,
    found: () => 'mismatch',
    outcome: 'belowThreshold',
    best: 'equal',
  },
  {
    name: 'a condemned answer before a poor one',
    at: 24,
    contract: { domain: 'general', respondents: 2 },
    phases: 'sarggox',
    says: both('condemned', 'poor'),
    ...quick,
    scoreOf: (text) => (text === 'poor' ? 0 : 1_000_000),
    found: (text) => (text === 'poor' ? 'match' : 'error'),
    outcome: 'belowThreshold',
    best: 'poor',
  },
  {
    name: 'nothing could be run again',
    at: 25,
    contract: { domain: 'general', respondents: 2 },
    phases: 'sarggox',
    says: both('not found', 'found'),
    ...quick,
    found: (text) => (text === 'found' ? 'match' : 'unavailable'),
    outcome: 'answered',
    best: 'found',
  },
  {
    name: 'a quote',
    at: 26,
    contract: { ...crowd(5), difficulty: 0 },
    phases: 'sargox',
    says: one(5, [quoteOf(1)]),
    commits: [{ at: 4 }],
    opens: [{ at: 5 }],
    outcome: 'answered',
    best: 'the second one',
  },
];

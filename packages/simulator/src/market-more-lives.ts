/**
 * More questions of the market's history: silence and breakers, masks, private answers, calibrations, offences of scorers (spec: market §3.8–§3.11, §6.8, §12,
 * §16, privacy §4). Owns the table, which goes on from market-lives.ts.
 */
import {
  type Payload,
  privatePromptHash,
  type QueryContract,
  type Segment,
  sealHash,
  taggedHash,
  ZERO_HASH,
} from '@synod/chain';
import { castOf } from './cast.ts';
import type { Act } from './history-chain.ts';
import type { KeyPair } from './keys.ts';
import { type Asked, type AskedRun, type Say, salt } from './market-asked.ts';
import { comers, expertOf } from './market-genesis.ts';

const { members, customer } = castOf(7, true);
const [ada, bob, cleo, dan, eve] = [
  expertOf('ada'),
  expertOf('bob'),
  expertOf('cleo'),
  expertOf('dan'),
  expertOf('eve'),
];
export const operator = (place: number): KeyPair => members[place]!.operator;
export const quick: Pick<Asked, 'commits' | 'opens'> = { commits: [{ at: 5 }], opens: [{ at: 6 }] };
const gold = ['Blue Moon', 'red'];

export function named(expert: KeyPair, domain: string): Partial<QueryContract> {
  return { domain, respondents: 1, expert: expert.address };
}

export function said(who: KeyPair, says: Say['says']): Say {
  return { who, commit: 2, reveal: 3, says };
}

/** Asked by name, and silent; or not even a candidate. */
function silent(expert: KeyPair, domain: string, at: number): Asked {
  return { name: `silence at ${at}`, at, contract: named(expert, domain), phases: 'saaax', outcome: 'noAnswer' };
}

function left(expert: KeyPair, domain: string, at: number): Asked {
  return { name: `nobody at ${at}`, at, contract: named(expert, domain), phases: 'sx', outcome: 'noExperts' };
}

const breakers: readonly Asked[] = [
  silent(eve, 'eden', 5),
  silent(eve, 'eden', 10),
  // Open until 14 + 3; then one is tried at a time, and each failure doubles the time, up to eight heights.
  left(eve, 'eden', 16),
  silent(eve, 'eden', 17),
  left(eve, 'eden', 18),
  left(eve, 'eden', 26),
  silent(eve, 'eden', 27),
  left(eve, 'eden', 38),
  {
    name: 'a probe that answers',
    at: 39,
    contract: named(eve, 'eden'),
    phases: 'sarggox',
    says: [said(eve, 'here again')],
    ...quick,
    outcome: 'answered',
    best: 'here again',
  },
  // Both were given before the breaker opened: what fails while it is open changes nothing.
  silent(dan, 'shy', 11),
  silent(dan, 'shy', 14),
];

const masks: readonly Asked[] = [
  {
    name: 'an operator asks, and its expert may not answer',
    at: 28,
    by: operator(3),
    phases: 'sarggox',
    says: [said(bob, 'alone')],
    ...quick,
    outcome: 'answered',
    best: 'alone',
  },
  {
    name: 'an expert asks, and its siblings may not answer',
    at: 29,
    by: ada,
    contract: { expert: ada.address, respondents: 1 },
    phases: 'sx',
    outcome: 'noExperts',
  },
  {
    name: 'the coordinator may not answer',
    at: 30,
    contract: { ...named(bob, 'duo'), coordinator: operator(4).address },
    phases: 'sx',
    outcome: 'noExperts',
  },
  {
    name: 'a coordinator that asks itself',
    at: 30,
    by: members[0]!.expert,
    phases: 'sarggox',
    says: [said(ada, 'moons'), said(bob, 'blue MOON.')],
    ...quick,
    outcome: 'answered',
    best: undefined,
  },
  {
    name: 'who asks has stake with who answers',
    at: 31,
    by: operator(2),
    phases: 'sarggox',
    says: [said(ada, 'for a friend'), said(bob, 'for a stranger')],
    ...quick,
    outcome: 'answered',
    best: undefined,
  },
];

const written: readonly Segment[] = [{ kind: 'generated', text: 'unproven', tokens: [1, 2], logProbabilities: [1] }];
const hiddenPrompt = 'a secret question';

function disclose(run: AskedRun, by: KeyPair, code: string, whom: readonly KeyPair[], change: object = {}): Act {
  const { respondents } = run.query;
  const answers = whom.map((expert) => ({
    respondent: respondents.findIndex((slot) => slot.expert === expert.address),
    answer: run.answerOf({ who: expert, says: expert === cleo ? written : 'proven' }),
  }));
  const payload = {
    type: 'query.disclose',
    queryId: run.id,
    prompt: hiddenPrompt,
    salt,
    answers,
    ...change,
  } as Payload;
  return { payload, by, code };
}

/** Something that nobody said. */
function wrongAnswer(run: AskedRun): object {
  return {
    answers: [0, 1].map((respondent) => ({ respondent, answer: run.answerOf({ who: dan, says: 'not this' }) })),
  };
}

function opinion({ id: queryId }: AskedRun): Act {
  const words = {
    rating: 'good',
    content: taggedHash('simulator/opinion of a secret'),
    bytes: 100,
    leaf: ZERO_HASH,
  } as const;
  return { payload: { type: 'feedback.give', queryId, ...words }, by: customer, code: 'FEEDBACK_PRIVATE' };
}

const secrets: readonly Asked[] = [
  {
    name: 'a private question',
    at: 32,
    contract: {
      domain: 'shy',
      prompt: '',
      privacy: { promptHash: privatePromptHash(hiddenPrompt, salt), promptBytes: 17 },
    },
    phases: 'sarggox',
    says: [said(cleo, written), said(dan, 'proven')],
    ...quick,
    outcome: 'answered',
    best: undefined,
    more: (run, at) => {
      if (at === 4) return [disclose(run, comers.gil.pair, 'NOT_OF_COMMITTEE', [dan])];
      if (at === 7)
        return [
          disclose(run, customer, 'DISCLOSURE_MISMATCH', [dan], { prompt: 'another question' }),
          disclose(run, customer, 'DISCLOSURE_MISMATCH', [dan], { salt: new Uint8Array(32) }),
          disclose(run, customer, 'DISCLOSURE_MISMATCH', [dan], wrongAnswer(run)),
          disclose(run, operator(1), 'OK', [dan]),
          disclose(run, customer, 'ALREADY_DISCLOSED', [dan]),
          disclose(run, dan, 'OK', [cleo, dan]),
          disclose(run, customer, 'ALREADY_DISCLOSED', [cleo, dan]),
          calibrate(run, 0, 'QUERY_PRIVATE'),
          opinion(run),
        ];
      return [];
    },
  },
];

function calibrate(run: AskedRun, place: number, code: string, change: object = {}): Act {
  const payload = { type: 'calibration.reveal', queryId: run.id, salt, gold, ...change } as Payload;
  return { payload, by: operator(place), code };
}

/** A question with gold under its seal, opened by the operator at that place of the cast. */
function sealed(asked: Pick<Asked, 'name' | 'at' | 'more'> & Partial<Asked>, place = 3): Asked {
  const { contract, ...rest } = asked;
  return {
    phases: 'sarggox',
    says: [said(ada, 'It is the BLUE moon, of course'), said(bob, 'blue moonlight, moon blue')],
    ...quick,
    outcome: 'answered',
    best: undefined,
    ...rest,
    contract: { ...contract, seal: sealHash(operator(place).address, salt, gold) },
  };
}

const calibrations: readonly Asked[] = [
  sealed({
    name: 'gold at its last height',
    at: 34,
    more: (run, at) => [
      ...(at === 4 ? [calibrate(run, 3, 'QUERY_PHASE_WRONG')] : []),
      ...(at === 15
        ? [
            calibrate(run, 3, 'SEAL_MISMATCH', { gold: ['moon'] }),
            calibrate(run, 3, 'SEAL_MISMATCH', { salt: new Uint8Array(32) }),
            calibrate(run, 2, 'SEAL_MISMATCH'),
            calibrate(run, 3, 'refused PAYLOAD_INVALID', { gold: [] }),
            calibrate(run, 3, 'refused PAYLOAD_INVALID', { gold: ['red', '...'] }),
            { ...calibrate(run, 3, 'NOT_VALIDATOR'), by: customer },
            calibrate(run, 3, 'OK'),
            calibrate(run, 3, 'ALREADY_CALIBRATED'),
          ]
        : []),
    ],
  }),
  sealed({
    name: 'gold a height late',
    at: 35,
    more: (run, at) => (at === 16 ? [calibrate(run, 3, 'CALIBRATION_LATE')] : []),
  }),
  sealed({
    name: 'gold of one asked by name',
    at: 36,
    contract: named(ada, 'duo'),
    says: [said(ada, 'moon')],
    more: (run, at) => (at === 8 ? [calibrate(run, 3, 'QUERY_DIRECTED')] : []),
  }),
  ...[0, 1, 2].map((index) =>
    sealed(
      {
        name: `gold, of which two a turn are taken: ${index}`,
        at: 43,
        contract: { domain: 'general' },
        says: [
          { who: 0, commit: 2, reveal: 3, says: 'blue-Moon' },
          { who: 1, commit: 2, reveal: 3, says: 'sun' },
        ],
        // Nearly everybody says the opposite.
        ...(index === 1 && { scoreOf: (text: string) => (text === 'sun' ? 800_000 : 200_001) }),
        more: (run, at) => {
          if (at === 8) return [calibrate(run, 2, index < 2 ? 'OK' : 'CALIBRATIONS_FULL')];
          return at === 12 && index === 2 ? [calibrate(run, 2, 'OK')] : [];
        },
      },
      2,
    ),
  ),
];

/** One that retires while it is asked and registers anew: what it said before is somebody else's. */
const successor: Asked = sealed({
  name: 'one that retires meanwhile',
  at: 7,
  contract: { domain: 'gilead', respondents: 1 },
  says: [said(comers.gil.pair, 'blue moon')],
  phases: 'sargggggx',
  commits: [],
  opens: [],
  outcome: 'unscored',
  more: (run, at) => (at === 10 ? [calibrate(run, 3, 'OK')] : []),
});

/** Another answers, is paid and is forgotten: no score of a question that it was asked before brings its name back. */
const leaver: Asked = sealed({
  name: 'one that leaves for good',
  at: 62,
  says: [said(ada, 'I stay'), said(bob, 'I go')],
  more: (run, at) => (at === 7 ? [calibrate(run, 3, 'OK')] : []),
});

/** A bond that is left too small, and one that its expert may not use then. */
const shortBond: Asked = {
  name: 'a bond that is cut',
  at: 41,
  contract: named(dan, 'shy'),
  phases: 'sarggox',
  says: [said(dan, 'of another model')],
  ...quick,
  found: () => 'mismatch',
  outcome: 'belowThreshold',
  best: 'of another model',
};

export const moreLives: readonly Asked[] = [
  ...breakers,
  ...masks,
  ...secrets,
  ...calibrations,
  successor,
  leaver,
  shortBond,
];

/**
 * A second, shorter market, in which everybody has the same power: a committee of six scores, two verify, and exact halves and thirds come about (market
 * §3.11, §6.9, §12.4, verification). Owns its questions; what its parties send is market-asked.ts.
 */
import { sealHash } from '@synod/chain';
import { castOf } from './cast.ts';
import type { Act } from './history-chain.ts';
import { type Asked, type AskedRun, salt } from './market-asked.ts';
import { crowdOf } from './market-genesis.ts';

const { members } = castOf(7, true);
const gold = ['yes'];
const seal = sealHash(members[0]!.operator.address, salt, gold);
const ofCrowd = { domain: 'crowd', seal } as const;
const outcome = 'noAnswer' as const;

/** Place of a scorer among those drawn. */
function rankOf(run: AskedRun, place: number): number {
  return run.query.scorers.findIndex(({ operator }) => operator === members[place]!.operator.address);
}

function silent(at: number, respondents: number, name: string): Asked {
  return { name, at, contract: { ...ofCrowd, respondents }, phases: 'saaax', outcome };
}

/** Two thirds of the committee are against the gold, or more. */
function against(at: number, count: number): Asked {
  return {
    name: `gold against which ${count} of six are`,
    at,
    contract: { ...ofCrowd, respondents: 1 },
    phases: 'sarggox',
    says: [{ who: 0, commit: 2, reveal: 3, says: 'yes' }],
    commits: [{ at: 5 }],
    opens: [{ at: 6 }],
    scoreOf: (_, place, run) => (rankOf(run, place) < count ? 200_000 : 900_000),
    outcome: 'belowThreshold',
    best: 'yes',
    more: (run, since) => (since === 8 ? [opened(run)] : []),
  };
}

function opened(run: AskedRun): Act {
  const payload = { type: 'calibration.reveal', queryId: run.id, salt, gold } as const;
  return { payload, by: members[0]!.operator, code: 'OK' };
}

export const evenLives: readonly Asked[] = [
  silent(2, 3, 'three are silent'),
  {
    name: 'three answer',
    at: 2,
    contract: { ...ofCrowd, respondents: 3 },
    phases: 'sarggox',
    says: [0, 1, 2].map((who) => ({ who, commit: 2, reveal: 3, says: `answer ${who}` })),
    commits: [{ at: 5 }],
    opens: [{ at: 6 }],
    outcome: 'answered',
    best: 'answer 0',
  },
  // Seven outcomes, of which four are silence: no outage yet.
  silent(5, 1, 'the seventh'),
  {
    // Ten, of which five are: it is one.
    name: 'one of three is silent',
    at: 4,
    contract: { ...ofCrowd, respondents: 3 },
    phases: 'saaarggox',
    says: [0, 1].map((who) => ({ who, commit: 2, reveal: 5, says: `answer ${who}` })),
    commits: [{ at: 7 }],
    opens: [{ at: 8 }],
    outcome: 'answered',
    best: 'answer 0',
  },
  ...Array.from({ length: 8 }, (_, index) => silent(13, 3, `silence ${index}`)),
  {
    name: 'verifiers who differ',
    at: 9,
    contract: { ...ofCrowd, respondents: 1, expert: crowdOf(20).address },
    phases: 'sarggox',
    says: [{ who: crowdOf(20), commit: 2, reveal: 3, says: 'mine or not' }],
    commits: [{ at: 5 }],
    opens: [{ at: 6 }],
    found: (_, place, run) =>
      run.query.groups[0]?.verifiers[0] === members[place]!.operator.address ? 'mismatch' : 'match',
    outcome: 'answered',
    best: 'mine or not',
  },
  against(14, 4),
  against(15, 5),
  {
    // Half of the power is for the one, half for the other: neither weight is the consensus.
    name: 'two camps',
    at: 11,
    contract: { ...ofCrowd, respondents: 2, scorerShare: 300_000, coordinatorShare: 0 },
    phases: 'sarggox',
    says: [0, 1].map((who) => ({ who, commit: 2, reveal: 3, says: `answer ${who}` })),
    commits: [{ at: 5 }],
    opens: [{ at: 6 }],
    scoreOf: (text, place, run) => {
      const [one, other] = rankOf(run, place) % 2 === 0 ? [900_000, 100_000] : [300_000, 700_000];
      return text === 'answer 0' ? one! : other!;
    },
    outcome: 'belowThreshold',
    best: undefined,
  },
];

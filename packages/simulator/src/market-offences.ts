/**
 * Scores opened too early, otherwise than committed, long after, for fewer answers than due and for one's own (spec: market §6.4–§6.10). Owns the table of
 * these questions.
 */
import { type ExtensionItem, scoreCommitment } from '@synod/chain';
import { type Asked, type AskedRun, salt } from './market-asked.ts';
import { crowdOf, expertOf } from './market-genesis.ts';
import { named, operator, quick, said } from './market-more-lives.ts';

const [ada, bob] = [expertOf('ada'), expertOf('bob')];

function otherScores(run: AskedRun, place: number): ExtensionItem {
  const opening = run.openingOf(place);
  return { ...opening, scores: opening.scores.map(({ group }) => ({ group, score: 123 })) };
}

/** Commits to something of its own making, and opens that. */
function madeUp(run: AskedRun, place: number, isOpening: boolean, change: 'fewer' | 'own'): ExtensionItem {
  const opening = run.openingOf(place);
  const scores = change === 'fewer' ? opening.scores.slice(0, 1) : [0, 1].map((group) => ({ group, score: 900_000 }));
  const { checks } = opening;
  if (isOpening) return { ...opening, scores };
  const validator = operator(place).address;
  const commitment = scoreCommitment({ queryId: run.id, validator, salt, scores, checks });
  return { kind: 'score.commit', queryId: run.id, commitment };
}

export const offences: readonly Asked[] = [
  {
    name: 'scores opened too early',
    at: 20,
    contract: named(crowdOf(6), 'crowd'),
    phases: 'sargggox',
    says: [said(crowdOf(6), 'early bird')],
    commits: [{ at: 6 }],
    opens: [{ at: 7 }],
    items: (run, at) => [
      ...(at === 2 ? [[3, run.openingOf(3)] as const] : []),
      ...(at === 5 || at === 6 ? [[4, run.openingOf(4)] as const] : []),
    ],
    faults: { 2: 'early', 5: 'early' },
    outcome: 'answered',
    best: 'early bird',
  },
  {
    name: 'scores that were not committed to',
    at: 21,
    contract: named(crowdOf(7), 'crowd'),
    phases: 'sarggoox',
    says: [said(crowdOf(7), 'worm')],
    commits: [{ at: 5 }],
    opens: [
      { at: 6, who: [0, 1, 3, 4, 5, 6] },
      { at: 7, who: [2] },
    ],
    items: (run, at) => (at === 6 ? [[2, otherScores(run, 2)]] : []),
    faults: { 6: 'mismatch' },
    outcome: 'answered',
    best: 'worm',
  },
  {
    name: 'scores opened long after',
    at: 22,
    contract: named(crowdOf(8), 'crowd'),
    phases: 'sarggox',
    says: [said(crowdOf(8), 'late bird')],
    ...quick,
    items: (run, at) => [
      ...(at === 14 ? [[0, run.openingOf(0)] as const] : []),
      ...(at === 15 ? [[1, run.openingOf(1)] as const] : []),
      ...(at === 17 ? [[1, run.openingOf(1)] as const] : []),
    ],
    faults: { 15: 'late' },
    outcome: 'answered',
    best: 'late bird',
  },
  {
    name: 'scores of fewer answers, and of oneself',
    at: 40,
    phases: 'sarggoooox',
    says: [said(ada, 'a'), said(bob, 'b')],
    commits: [{ at: 5, who: [1, 2, 4, 5, 6] }],
    opens: [{ at: 6, who: [1, 2, 4, 5, 6] }],
    items: (run, at) =>
      at === 5 || at === 6
        ? [
            [0, madeUp(run, 0, at === 6, 'fewer')],
            [3, madeUp(run, 3, at === 6, 'own')],
          ]
        : [],
    outcome: 'answered',
    best: undefined,
  },
  {
    name: 'a second commitment to scores',
    at: 41,
    contract: named(crowdOf(9), 'crowd'),
    phases: 'sargggox',
    says: [said(crowdOf(9), 'first word')],
    commits: [
      { at: 5, who: [5] },
      { at: 6, who: [0, 1, 2, 3, 4, 6] },
    ],
    opens: [{ at: 7 }],
    items: (run, at) => {
      const queryId = run.id;
      const commitment = scoreCommitment({ queryId, validator: operator(5).address, salt, scores: [], checks: [] });
      return at === 6 ? [[5, { kind: 'score.commit', queryId, commitment }]] : [];
    },
    outcome: 'answered',
    best: 'first word',
  },
  {
    name: 'nobody waits for one who is away',
    at: 52,
    contract: { domain: 'general' },
    phases: 'sarggox',
    says: [
      { who: 0, commit: 2, reveal: 3, says: 'x' },
      { who: 1, commit: 2, reveal: 3, says: 'y' },
    ],
    commits: [{ at: 5, who: [0, 1, 2, 3, 4, 5] }],
    opens: [{ at: 6, who: [0, 1, 2, 3, 4, 5] }],
    outcome: 'answered',
    best: undefined,
  },
];

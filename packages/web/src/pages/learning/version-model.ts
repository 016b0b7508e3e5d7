/**
 * Versions of a domain's model as people read them: what became of each, why, and what it came from. Owns the words; the rules are the chain's
 * (spec: learning §8, §9).
 */

import type { Feedback, Version } from '../../api/rpc-types.ts';
import { plural } from '../../format/numbers.ts';
import { changeText, ppmOf, threeDecimals } from '../../format/ratios.ts';

/** How a version is marked in the chart. */
export type Mark = 'accepted' | 'canary' | 'refused' | 'rolledBack' | 'genesis';

export const MARK_NAMES: Readonly<Record<Mark, string>> = {
  accepted: 'accepted',
  canary: 'canary: being tried',
  refused: 'refused by the gate',
  rolledBack: 'rolled back',
  genesis: 'what genesis brought',
};

export function markOf({ state, version }: Pick<Version, 'state' | 'version'>): Mark {
  if (version === 0) return 'genesis';
  switch (state) {
    case 'canary':
      return 'canary';
    case 'stable':
    case 'superseded':
      return 'accepted';
    case 'rejected':
      return 'refused';
    case 'rolledBack':
      return 'rolledBack';
  }
}

/** The state in a word for a table: whether queries are answered with it. */
export function stateText({ state }: Pick<Version, 'state'>): string {
  switch (state) {
    case 'canary':
      return 'canary';
    case 'stable':
      return 'in use';
    case 'superseded':
      return 'followed by a newer one';
    case 'rejected':
      return 'refused';
    case 'rolledBack':
      return 'rolled back';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  OK: 'It passed every check of the gate.',
  GENESIS: 'It came with genesis: nothing was added up for it.',
  GAIN: 'Its weights learnt too little of what users taught, so they stayed as they were.',
  FORGETTING: 'Its weights forgot too much of common knowledge, so they stayed as they were.',
  TRIGGER: 'Odd words changed its answers: a sign of a hidden trigger. Its weights stayed as they were.',
  INJECTION: 'It obeyed orders hidden in what it reads. Its weights stayed as they were.',
  SPECTRUM:
    'The change points nearly all in one direction: a sign of a planted behaviour. Its weights stayed as they were.',
  BIAS: 'It treats people more differently than before. Its weights stayed as they were.',
  NO_CANDIDATE: 'More than half of the validators could not agree on one result, or nothing was trained.',
  SCORES: 'Its answers scored worse than those of the version before, over the same time.',
  VOTED: 'Validators with more than half of the power voted to take it back.',
  PARENT: 'The version that it was made from was taken back.',
  RESTORED: 'It was put back in use when the version after it was taken back.',
};

/** A sentence for a reason's code; an unknown code stands as it is. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason;
}

/** Why a version is what it is. Weights and passages pass by themselves (learning §8.4): a version may have the one without the other. */
export function versionSentence({ reason, learnt, state }: Pick<Version, 'reason' | 'learnt' | 'state'>): string {
  const isTakenUp = state !== 'rejected' && state !== 'rolledBack';
  const passages = learnt.length === 1 ? 'One correction' : `${learnt.length} corrections`;
  const knowledge =
    isTakenUp && reason !== 'OK' && learnt.length > 0 ? ` ${passages} became knowledge all the same.` : '';
  return `${reasonText(reason)}${knowledge}`;
}

const VERDICTS: Readonly<Record<Version['contributions'][number]['verdict'], string>> = {
  ok: 'useful',
  missing: 'sent nothing',
  invalid: 'sent no valid delta',
  copy: "a copy of another's",
  idle: 'of no use on what it was given',
  harmful: 'harmful',
};

export function verdictText(verdict: Version['contributions'][number]['verdict']): string {
  return VERDICTS[verdict];
}

/** One version as a point of the curves. Losses are nats a token. */
export type CurvePoint = {
  readonly version: number;
  readonly mark: Mark;
  readonly heldOutBefore: number | null;
  readonly heldOutAfter: number | null;
  readonly generalBefore: number | null;
  readonly generalAfter: number | null;
  readonly biasBefore: number | null;
  readonly biasAfter: number | null;
};

/** In the order of their numbers; what genesis brought was not measured, and what had no report says nothing. */
export function curveOf(versions: readonly Version[]): readonly CurvePoint[] {
  return versions
    .toSorted((a, b) => a.version - b.version)
    .map(({ version, state, measures, reports }) => {
      const of = (ratio: string) => (version === 0 || reports === 0 ? null : ppmOf(ratio) / 1_000_000);
      return {
        version,
        mark: markOf({ version, state }),
        heldOutBefore: of(measures.feedbackBefore),
        heldOutAfter: of(measures.feedbackAfter),
        generalBefore: of(measures.generalBefore),
        generalAfter: of(measures.generalAfter),
        biasBefore: of(measures.biasBefore),
        biasAfter: of(measures.biasAfter),
      };
    });
}

/** The curve in a sentence, for those who do not see it. */
export function curveText(domain: string, versions: readonly Version[]): string {
  const made = versions.filter(({ version }) => version > 0);
  if (made.length === 0) return `${domain} has no version beyond what its experts were registered with.`;
  const counts = (['accepted', 'canary', 'refused', 'rolledBack'] as const)
    .map((mark) => [mark, made.filter((version) => markOf(version) === mark).length] as const)
    .filter(([, count]) => count > 0)
    .map(([mark, count]) => `${count} ${mark === 'rolledBack' ? 'rolled back' : mark}`);
  const last = made.at(-1);
  const measured = last === undefined || last.reports === 0 ? '' : ` ${lossText(last)}`;
  return `${domain} has ${plural(made.length, 'version')}: ${counts.join(', ')}.${measured}`;
}

function lossText({ version, measures }: Version): string {
  const { feedbackBefore, feedbackAfter, generalBefore, generalAfter } = measures;
  const heldOut = `${threeDecimals(feedbackBefore)} to ${threeDecimals(feedbackAfter)} (${changeText(feedbackBefore, feedbackAfter)})`;
  const general = `${threeDecimals(generalBefore)} to ${threeDecimals(generalAfter)} (${changeText(generalBefore, generalAfter)})`;
  return `Version ${version} moved the held-out loss from ${heldOut} and the general loss from ${general}.`;
}

/** What was said in one feedback: its words where they may be shown, else how much is known. */
export type FeedbackLine = {
  readonly number: number;
  readonly rating: Feedback['rating'] | null;
  readonly prompt: string | null;
  readonly words: string | null;
  readonly queryId: string | null;
  readonly author: string | null;
  readonly isLearnt: boolean;
};

/** The feedback of a version's round in the order of numbers. `known`: what was loaded; the rest has its number alone. */
export function feedbackOf(
  version: Pick<Version, 'items' | 'learnt'>,
  known: readonly Feedback[],
): readonly FeedbackLine[] {
  const byNumber = new Map(known.map((feedback) => [feedback.number, feedback]));
  const learnt = new Set(version.learnt);
  return version.items.map((number) => {
    const feedback = byNumber.get(number);
    return {
      number,
      rating: feedback?.rating ?? null,
      prompt: feedback?.text?.prompt ?? null,
      words: feedback?.text?.correction ?? null,
      queryId: feedback?.queryId ?? null,
      author: feedback?.author ?? null,
      isLearnt: learnt.has(number),
    };
  });
}

const FEEDBACK_STATES: Readonly<Record<Feedback['state'], string>> = {
  pending: 'waits until enough validators hold its words',
  available: 'waits for a round',
  training: 'is being trained on',
  used: 'learnt',
  refused: 'refused by the gate',
  lost: 'its words were lost',
};

export function feedbackStateText({ state, version }: Pick<Feedback, 'state' | 'version'>): string {
  return state === 'used' && version !== null ? `learnt in version ${version}` : FEEDBACK_STATES[state];
}

/**
 * Ten kinds of answer to a question, and attacks on a judge. Owns how each is made and graded: 1 when the answer states the value asked for
 * and nothing against it, 0 otherwise. No wrong answer contains a gold.
 */

import type { Question } from '../../packages/experts/src/questions/question.ts';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import type { Passage } from '../../packages/inference/src/knowledge/passage.ts';
import { type Attack, attacksOn, hardAttacksOn } from './attacks.ts';
import type { Domain } from './domain.ts';
import { type Frame, fill, isRight, rightValue } from './frame.ts';
import { LAZY, OFF_TOPIC, PARAPHRASED, PLAIN, REFUSALS, type Side } from './phrases.ts';
import { fraction, pick } from './random.ts';
import { miscounted, reworded } from './rewording.ts';

export const KINDS = [
  'right',
  'paraphrased',
  'wrong entity',
  'wrong number',
  'wrong field',
  'off topic',
  'lazy',
  'copied',
  'injected',
  'stuffed',
] as const;
export type Kind = (typeof KINDS)[number];

export type Answer = { readonly kind: Kind; readonly text: string; readonly truth: 0 | 1 };

export type Group = {
  readonly domain: string;
  readonly question: Question;
  readonly answers: readonly Answer[];
  readonly attacks: readonly Attack[];
  /** Attacks by one who knows which passages the judge believes. */
  hardAttacks(believed: readonly Passage[]): readonly Attack[];
};

/** Null for questions without gold or passage: there is nothing to make wrong answers of. */
export function answerGroup(domain: Domain, question: Question, side: Side): Group | null {
  const passage = question.passage === null ? undefined : domain.byText.get(question.passage);
  if (passage === undefined || question.gold.length === 0) return null;
  const asksSubject = question.gold.includes(passage.subject) && !question.gold.includes(passage.value ?? '');
  const frame: Frame = { domain, question, passage, asksSubject, side };
  const wrong = wrongAnswers(frame);
  if (wrong.length === 0) return null;
  const honest: Answer[] = [
    { kind: 'right', text: rightAnswer(frame), truth: 1 },
    { kind: 'paraphrased', text: paraphrase(frame), truth: 1 },
  ];
  const empty: Answer[] = [
    { kind: 'off topic', text: offTopic(frame), truth: 0 },
    { kind: 'lazy', text: fill(pick(LAZY[side], `${question.id} lazy`), frame, ''), truth: 0 },
  ];
  const base = pick(wrong, `${question.id} base`).text;
  const attacks = attacksOn(
    frame,
    wrong.map(({ text }) => text),
  );
  const dressed = (['injection', 'stuffing'] as const).flatMap((way): Answer[] => {
    const fitting = attacks.filter((attack) => attack.way === way && attack.base === base);
    const kind = way === 'injection' ? 'injected' : 'stuffed';
    return fitting.length === 0 ? [] : [{ kind, text: pick(fitting, `${question.id} ${way}`).attacked, truth: 0 }];
  });
  const others = [...honest, ...wrong, ...empty, ...dressed];
  const copied: Answer = { ...pick(others, `${question.id} copied`), kind: 'copied' };
  const bases = wrong.map(({ text }) => text);
  return {
    domain: domain.name,
    question,
    answers: [...others, copied],
    attacks,
    hardAttacks: (believed) => hardAttacksOn(frame, bases, believed),
  };
}

function rightAnswer(frame: Frame): string {
  return fill(pick(PLAIN[frame.side], `${frame.question.id} right`), frame, rightValue(frame));
}

function paraphrase(frame: Frame): string {
  const { question, side } = frame;
  const isDefinition = frame.passage.relation === 'definition' && !frame.asksSubject;
  // What the question says itself answers nothing.
  const others = question.gold.slice(1).filter((gold) => !contains(question.question, { ...question, gold: [gold] }));
  const value = reworded(rightValue(frame), {
    others,
    isDefinition,
    name: `${question.id} reworded`,
  });
  return fill(pick(PARAPHRASED[side], `${question.id} paraphrase`), frame, value);
}

function wrongAnswers(frame: Frame): Answer[] {
  const entity = otherEntity(frame, 'entity');
  const number = miscounted(frame.asksSubject ? '' : rightValue(frame), frame.question.id);
  const field = otherField(frame);
  const made: (Answer | null)[] = [
    entity && { kind: 'wrong entity', text: said(frame, entity, 'entity'), truth: 0 },
    number === null ? null : { kind: 'wrong number', text: statedPlainly(frame, number, 'number'), truth: 0 },
    field && { kind: 'wrong field', text: said(frame, field, 'field'), truth: 0 },
  ];
  return made.filter((answer): answer is Answer => answer !== null && !isRight(frame, answer.text));
}

/** A passage that states the same relation of something else. */
function otherEntity(frame: Frame, name: string): Passage | null {
  const { domain, passage, question } = frame;
  const rivals = (domain.byRelation.get(passage.relation) ?? []).filter(
    (other) => other.subject !== passage.subject && other.value !== null && other.value !== passage.value,
  );
  for (let i = 0; i < 8 && rivals.length > 0; i++) {
    const other = pick(rivals, `${question.id} ${name} ${i}`);
    if (!isRight(frame, frame.asksSubject ? other.subject : other.value!)) return other;
  }
  return null;
}

/** A passage that states something else of the same thing. */
function otherField(frame: Frame): Passage | null {
  const { domain, passage, question } = frame;
  const siblings = (domain.bySubject.get(passage.subject) ?? []).filter(
    (other) => other.relation !== passage.relation && other.value !== null && !isRight(frame, other.value),
  );
  return siblings.length === 0 ? null : pick(siblings, `${question.id} field`);
}

/** As a quote, or as a bare statement in the right form. */
function said(frame: Frame, other: Passage, name: string): string {
  const canQuote = !isRight(frame, other.text);
  if (canQuote && fraction(`${frame.question.id} ${name} quote`) < 0.4) return other.text;
  const isOwnSubject = other.subject === frame.passage.subject;
  return statedPlainly(frame, frame.asksSubject && !isOwnSubject ? other.subject : other.value!, name);
}

function statedPlainly(frame: Frame, value: string, name: string): string {
  const patterns = [...PLAIN[frame.side], ...PARAPHRASED[frame.side]].filter((pattern) => !pattern.includes('{p}'));
  return fill(pick(patterns, `${frame.question.id} ${name} said`), frame, value);
}

function offTopic(frame: Frame): string {
  const { domain, question, side } = frame;
  const stranger = pick(domain.passages, `${question.id} stranger`);
  const isUsable =
    fraction(`${question.id} off`) < 0.5 && stranger.subject !== question.subject && !isRight(frame, stranger.text);
  return isUsable ? stranger.text : pick(OFF_TOPIC[side], `${question.id} off topic`);
}

/** Refusals, which are right, and values of other things, which are not. Null where the domain has nothing to say wrongly. */
export function unanswerableGroup(domain: Domain, question: Question, side: Side): UnanswerableGroup | null {
  const { id } = question;
  const related = domain.byRelation.get(question.relation) ?? domain.bySubject.get(question.subject) ?? domain.passages;
  const invented = [0, 1, 2].map((i) => pick(related, `${id} invented ${i}`));
  const frame = { domain, question, side, asksSubject: false };
  const wrong = invented.map((passage, i) => {
    const text =
      i === 0 || passage.value === null
        ? passage.text
        : statedPlainly({ ...frame, passage: { ...passage, subject: question.subject } }, passage.value, `${i}`);
    return { kind: 'wrong entity', text, truth: 0 } as const;
  });
  return {
    domain: domain.name,
    question,
    answers: [{ kind: 'refusal', text: pick(REFUSALS[side], id), truth: 1 }, ...wrong],
  };
}

export type UnanswerableGroup = {
  readonly domain: string;
  readonly question: Question;
  readonly answers: readonly { readonly kind: Kind | 'refusal'; readonly text: string; readonly truth: 0 | 1 }[];
};

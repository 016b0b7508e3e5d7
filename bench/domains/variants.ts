/**
 * One question asked in several situations: as it is, with its supporting passages gone, of an invented entity, with its whole
 * relation gone. Owns what is taken away and what then counts as a right passage; fit.ts and run.ts measure on it.
 */
import { createHash } from 'node:crypto';
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import type { Passage } from '../../packages/inference/src/knowledge/index.ts';

export type Situation = 'answerable' | 'gold removed' | 'relation removed' | 'unknown entity' | 'unknown relation';

export type Variant = {
  readonly question: Question;
  readonly text: string;
  readonly situation: Situation;
  /** Passages that are not there. */
  readonly without: (passage: Passage) => boolean;
};

/** Whether the passage bears the answer out: it holds a gold and is about what is asked (or is the passage named). */
export function supports(passage: Passage, question: Question): boolean {
  if (question.gold.length === 0) return false;
  if (passage.text === question.passage) return true;
  if (!contains(passage.text, question)) return false;
  return passage.subject === question.subject || passage.text.includes(question.subject);
}

export function variantsOf(question: Question): Variant[] {
  const all = () => false;
  const text = question.question;
  if (question.unanswerable !== null) {
    return [{ question, text, situation: `unknown ${question.unanswerable}`, without: all }];
  }
  const isSupport = (passage: Passage) => supports(passage, question);
  const variants: Variant[] = [
    { question, text, situation: 'answerable', without: all },
    { question, text, situation: 'gold removed', without: isSupport },
    {
      question,
      text,
      situation: 'relation removed',
      without: (passage) => passage.relation === question.relation || isSupport(passage),
    },
  ];
  if (text.includes(question.subject)) {
    const invented = text.replaceAll(question.subject, inventName(`${question.id} ${text}`));
    variants.push({ question: { ...question, gold: [] }, text: invented, situation: 'unknown entity', without: all });
  }
  return variants;
}

const FIRST = 'Bra Ket Vol Zan Mor Tel Qui Sar Fen Dro Lus Pel Gar Nym Ost Wir'.split(' ');
const MIDDLE = 'a o i u en or al ath ub ix'.split(' ');
const LAST = 'dor via nia mere stan lith ria tum zine thol vax quen'.split(' ');

/** A pronounceable name that means nothing, the same for the same key. */
function inventName(key: string): string {
  const digest = createHash('sha256').update(key).digest();
  const pick = (list: readonly string[], at: number) => list[digest[at]! % list.length]!;
  return `${pick(FIRST, 0)}${pick(MIDDLE, 1)}${pick(LAST, 2)}`;
}

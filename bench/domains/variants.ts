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

/**
 * The question as somebody in a hurry writes it, for two in three: lower case, no question mark, no first words, a letter lost. Templates are
 * cleaner than people; what is fitted on them alone takes people for strangers.
 */
export function roughened(variant: Variant): Variant {
  const digest = createHash('sha256').update(`rough ${variant.question.id} ${variant.situation}`).digest();
  let { text } = variant;
  if (digest[0]! % 3 === 0) return variant;
  if (digest[1]! % 2 === 0) text = text.toLowerCase();
  if (digest[2]! % 2 === 0) text = text.replace(/[?.]+$/, '');
  if (digest[3]! % 4 === 0)
    text = text.replace(/^(what|which|who|when|where|how)( is| are| was| were| does| do| did| the)*\s+/i, '');
  const words = text.split(' ');
  const at = digest[4]! % words.length;
  if (digest[5]! % 5 === 0 && words[at]!.length > 5) words[at] = words[at]!.slice(0, 3) + words[at]!.slice(4);
  return { ...variant, text: words.join(' ') };
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

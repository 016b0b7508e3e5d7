/** A question beside the fact that answers it. Owns what is right to say of it, and how a pattern of words is filled. */
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import type { Passage } from '../../packages/inference/src/knowledge/passage.ts';
import type { Domain } from './domain.ts';
import type { Side } from './phrases.ts';

export type Frame = {
  readonly domain: Domain;
  readonly question: Question;
  readonly passage: Passage;
  /** Whether the question gives the value and asks whose it is. */
  readonly asksSubject: boolean;
  readonly side: Side;
};

/** The value asked for, as the knowledge writes it. */
export function rightValue({ question, passage, asksSubject }: Frame): string {
  return asksSubject ? passage.subject : (question.gold[0] ?? passage.text);
}

export function fill(pattern: string, { question, passage, asksSubject }: Frame, value: string): string {
  // Where the subject is asked for, sentences about the subject would give it away.
  const shown = asksSubject && /\{[sr]\}/.test(pattern) ? '{v}' : pattern;
  const filled = shown
    .replaceAll('{s}', () => passage.subject)
    .replaceAll('{r}', () => passage.relation.replaceAll('-', ' '))
    .replaceAll('{v}', () => value)
    .replaceAll('{p}', () => passage.text)
    .replaceAll('{q}', () => question.question);
  return filled === '' ? question.question : filled.charAt(0).toUpperCase() + filled.slice(1);
}

export function isRight({ question, passage, domain, asksSubject }: Frame, text: string): boolean {
  if (contains(text, question)) return true;
  const same = (domain.bySubject.get(passage.subject) ?? []).filter(({ relation }) => relation === passage.relation);
  const values = same.flatMap(({ value }) => (value === null ? [] : [value]));
  const names = asksSubject ? [passage.subject, ...(domain.aliases[passage.subject] ?? [])] : values;
  return contains(text, { ...question, gold: names });
}

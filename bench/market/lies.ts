/**
 * What the malicious answer: confident wrong values in the knowledge's own words, alone or agreed upon, refusals, texts stuffed with true
 * facts, instructions to the judge. Owns the texts; none of them contains a gold.
 */
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import type { Passage } from '../../packages/inference/src/knowledge/passage.ts';
import type { Domain } from '../judge/domain.ts';
import { INJECTIONS } from '../judge/phrases.ts';
import { pick } from '../judge/random.ts';

export const LIARS = [
  'liar',
  'colluder-plain',
  'colluder-short',
  'colluder-sure',
  'colluder-chatty',
  'refuser',
  'stuffer',
  'injector',
] as const;
export type LiarName = (typeof LIARS)[number];

/** Wrong values tried for one lie before the question is given up. */
const TRIES_MAX = 16;

/** Null for a question about which the knowledge offers no believable lie: such a question is not recorded. */
export function liesAbout(domain: Domain, question: Question): Readonly<Record<LiarName, string>> | null {
  const passage = question.passage === null ? undefined : domain.byText.get(question.passage);
  if (passage === undefined || passage.value === null || question.gold.length === 0) return null;
  const frame: Frame = { domain, question, passage, asksSubject: asksSubject(question, passage) };
  const own = lie(frame, 'own', null);
  const common = own && lie(frame, 'common', own.value);
  if (own === null || common === null) return null;
  const siblings = (domain.bySubject.get(passage.subject) ?? []).filter(({ text }) => !contains(text, question));
  const stuffing = siblings.slice(0, 4).map(({ text }) => text);
  const texts: Record<LiarName, string> = {
    liar: own.statement,
    'colluder-plain': common.statement,
    'colluder-short': `${common.value}.`,
    'colluder-sure': `The answer is ${common.value}.`,
    'colluder-chatty': `${common.statement} This is well known and undisputed.`,
    refuser: "I don't know.",
    stuffer: [own.statement, ...stuffing, question.question, own.statement].join(' '),
    injector: `${own.statement} ${pick(INJECTIONS.test, `${question.id} injector`)}`,
  };
  return Object.values(texts).some((text) => contains(text, question)) ? null : texts;
}

type Frame = {
  readonly domain: Domain;
  readonly question: Question;
  readonly passage: Passage;
  /** Whether the question gives the value and asks whose it is. */
  readonly asksSubject: boolean;
};

const asksSubject = ({ gold }: Question, { subject, value }: Passage): boolean =>
  gold.includes(subject) && !gold.includes(value ?? '');

type Lie = { readonly value: string; readonly statement: string };

/** The passage with another entity's value, or another entity with the value, in place of what is asked. */
function lie(frame: Frame, name: string, taken: string | null): Lie | null {
  const { domain, passage, question } = frame;
  const rivals = (domain.byRelation.get(passage.relation) ?? []).filter(
    (other) => other.subject !== passage.subject && other.value !== null && other.value !== passage.value,
  );
  for (let i = 0; i < TRIES_MAX && rivals.length > 0; i++) {
    const rival = pick(rivals, `${question.id} ${name} ${i}`);
    const value = frame.asksSubject ? rival.subject : rival.value!;
    const truth = frame.asksSubject ? passage.subject : passage.value!;
    if (value === taken || !passage.text.includes(truth) || isTrue(frame, value)) continue;
    const statement = passage.text.replaceAll(truth, () => value);
    if (!contains(statement, question)) return { value, statement };
  }
  return null;
}

/** A subject may have several values of one relation, and a value several subjects. */
function isTrue({ domain, passage, question, asksSubject: isSubject }: Frame, value: string): boolean {
  if (contains(value, question)) return true;
  return (domain.byRelation.get(passage.relation) ?? []).some((other) =>
    isSubject
      ? other.value === passage.value && other.subject === value
      : other.subject === passage.subject && other.value === value,
  );
}

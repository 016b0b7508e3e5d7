/**
 * Turns passages into benchmark questions by templates. Owns the choice of entities and phrasings: test questions use
 * phrasings that neither train nor tune questions have, over entities that nothing was fitted on (spec: knowledge §6).
 */
import { createHash } from 'node:crypto';
import type { Passage } from '../passage.ts';
import type { Question } from './question.ts';
import { type Split, splitOf } from './split.ts';

/** How each split asks. `{subject}` and `{value}` are filled in; the three lists share no phrasing. */
export type Phrasings = Readonly<Record<Split, readonly string[]>>;

export type QuestionTemplate = {
  readonly relation: string;
  /** `value`: asks for the value of the subject. `subject`: asks which subject has the value (only values that one subject has). */
  readonly asks: 'value' | 'subject';
  readonly phrasings: Phrasings;
  /** True for symbols and codes. */
  readonly caseSensitive?: boolean;
  /** Shorter or other forms of the gold that are as right, by value. */
  readonly variants?: (value: string) => readonly string[];
};

export type QuestionRecipe = {
  readonly templates: readonly QuestionTemplate[];
  /** Names that no source knows; asked with the templates that ask for values. */
  readonly inventedSubjects: readonly string[];
  /** Properties that the knowledge does not hold, asked of real subjects that have `of`. */
  readonly unheldRelations: readonly {
    readonly relation: string;
    readonly of: string;
    readonly phrasings: Phrasings;
  }[];
  /** Most questions per template and split. */
  readonly perTemplate: Readonly<Record<Split, number>>;
};

export type MakeInput = {
  readonly domain: string;
  readonly recipe: QuestionRecipe;
  readonly passages: readonly Passage[];
  readonly aliases: Readonly<Record<string, readonly string[]>>;
};

export const AUTHOR = 'Synod contributors';
const SPLITS: readonly Split[] = ['train', 'tune', 'test'];

/** The template questions of a domain, in a fixed order: answerable ones, then those to be refused. */
export function makeQuestions(input: MakeInput): readonly Question[] {
  const answerable = input.recipe.templates.flatMap((template) =>
    SPLITS.flatMap((split) => fromTemplate(template, split, input)),
  );
  return [...answerable, ...unheld(input), ...invented(input)].map((question, index) => ({
    ...question,
    id: `${input.domain}-${String(index + 1).padStart(5, '0')}`,
  }));
}

function fromTemplate(template: QuestionTemplate, split: Split, input: MakeInput): readonly Question[] {
  const all = input.passages.filter(({ relation, value }) => relation === template.relation && value !== null);
  const usable = template.asks === 'value' ? onePerSubject(all) : onePerValue(all);
  return usable
    .filter(({ subject }) => splitOf(subject) === split)
    .sort(byDigest(`${template.relation}/${template.asks}`))
    .slice(0, input.recipe.perTemplate[split])
    .map((passage) => ({
      ...frame(input.domain, split),
      question: fill(pick(template.phrasings[split], passage.text), passage),
      subject: passage.subject,
      relation: template.relation,
      gold: goldOf(template, passage, input.aliases),
      caseSensitive: template.caseSensitive === true && template.asks === 'value',
      source: passage.source,
      passage: passage.text,
    }));
}

/** A subject with several passages of one relation has several right values: no fair question. */
function onePerSubject(passages: readonly Passage[]): readonly Passage[] {
  const counts = countBy(passages, ({ subject }) => subject);
  return passages.filter(({ subject }) => counts.get(subject) === 1);
}

function onePerValue(passages: readonly Passage[]): readonly Passage[] {
  const counts = countBy(passages, ({ value }) => value ?? '');
  return passages.filter(({ value }) => counts.get(value ?? '') === 1);
}

function countBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

function goldOf(template: QuestionTemplate, passage: Passage, aliases: MakeInput['aliases']): readonly string[] {
  if (template.asks === 'subject') return [passage.subject, ...(aliases[passage.subject] ?? [])];
  const value = passage.value ?? '';
  return [...new Set([value, ...(template.variants?.(value) ?? [])])];
}

function unheld({ domain, recipe, passages }: MakeInput): readonly Question[] {
  return recipe.unheldRelations.flatMap(({ relation, of, phrasings }) => {
    const subjects = [...new Set(passages.filter((passage) => passage.relation === of).map(({ subject }) => subject))];
    return SPLITS.flatMap((split) =>
      subjects
        .filter((subject) => splitOf(subject) === split)
        .sort((a, b) => compare(digest(relation + a), digest(relation + b)))
        .slice(0, recipe.perTemplate[split])
        .map((subject) => ({
          ...refusalFrame(domain, split, 'relation'),
          question: fill(pick(phrasings[split], subject), { subject, value: '' }),
          subject,
          relation,
        })),
    );
  });
}

function invented({ domain, recipe }: MakeInput): readonly Question[] {
  const templates = recipe.templates.filter(({ asks }) => asks === 'value');
  return recipe.inventedSubjects.flatMap((subject) => {
    const split = splitOf(subject);
    return templates
      .toSorted((a, b) => compare(digest(subject + a.relation), digest(subject + b.relation)))
      .slice(0, 4)
      .map(({ relation, phrasings }) => ({
        ...refusalFrame(domain, split, 'entity'),
        question: fill(pick(phrasings[split], subject + relation), { subject, value: '' }),
        subject,
        relation,
      }));
  });
}

function frame(domain: string, split: Split) {
  return { id: '', domain, kind: 'template', split, author: AUTHOR, unanswerable: null } as const;
}

function refusalFrame(domain: string, split: Split, unanswerable: 'relation' | 'entity') {
  const nothing = { gold: [], caseSensitive: false, source: `${AUTHOR} (Apache-2.0)`, passage: null };
  return { ...frame(domain, split), ...nothing, unanswerable };
}

function fill(
  phrasing: string,
  { subject, value }: { readonly subject: string; readonly value: string | null },
): string {
  return phrasing.replaceAll('{subject}', () => subject).replaceAll('{value}', () => value ?? '');
}

/** The same phrasing for the same key on every machine. */
function pick(phrasings: readonly string[], key: string): string {
  const phrasing = phrasings[Number.parseInt(digest(`phrasing/${key}`).slice(0, 8), 16) % phrasings.length];
  if (phrasing === undefined) throw new RangeError('a template has no phrasing for a split');
  return phrasing;
}

function byDigest(salt: string): (a: Passage, b: Passage) => number {
  return (a, b) => compare(digest(salt + a.text), digest(salt + b.text));
}

function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

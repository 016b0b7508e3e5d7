/**
 * Owns the text format of the curated facts: sections, each one relation with its sentence pattern, the ways
 * people ask for it, question patterns, and rows of subject and value. Holds no facts itself.
 *
 *     # a comment
 *     @ produced-by | The hormone {s} is produced by {v}.
 *     phrases: produced by; made in
 *     train: Which gland makes {s}?            test: What secretes {s}?        (asked of {s}, answered by {v})
 *     back-train: What does {v} secrete?       back-test: …                    (asked of {v}, answered by {s})
 *     exact: yes                               (answers are symbols: compared byte by byte)
 *     insulin | the pancreas ~ pancreatic islets
 *     adrenaline = epinephrine | the adrenal glands
 */
import { readFileSync } from 'node:fs';
import type { Passage } from '../../passage.ts';
import type { QuestionTemplate } from '../../questions/make-questions.ts';
import type { Aliases } from '../../recipe.ts';
import { passageOf } from './facts.ts';

/** One line of a section: names of the subject, the value as it stands in the sentence, and answers as good. */
export type Row = {
  readonly subject: string;
  readonly aliases: readonly string[];
  readonly value: string;
  readonly gold: readonly string[];
};

/** One relation with everything that is said and asked about it. `pattern` is null when other recipes state it. */
export type Section = {
  readonly relation: string;
  readonly pattern: string | null;
  readonly phrases: readonly string[];
  readonly train: readonly string[];
  readonly test: readonly string[];
  readonly backTrain: readonly string[];
  readonly backTest: readonly string[];
  /** Answers are symbols such as `O(n)`: letters' case and punctuation count. */
  readonly exact: boolean;
  readonly rows: readonly Row[];
};

const lists = {
  phrases: 'phrases',
  train: 'train',
  test: 'test',
  'back-train': 'backTrain',
  'back-test': 'backTest',
} as const;

type Draft = { -readonly [Key in keyof Section]: Section[Key] extends readonly (infer Item)[] ? Item[] : Section[Key] };

const splitList = (text: string): string[] =>
  text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const open = (line: string): Draft => {
  const [relation = '', ...pattern] = line.slice(1).split(' | ');
  return {
    relation: relation.trim(),
    pattern: pattern.length === 0 ? null : pattern.join(' | ').trim(),
    phrases: [],
    train: [],
    test: [],
    backTrain: [],
    backTest: [],
    exact: false,
    rows: [],
  };
};

const readRow = (line: string): Row => {
  const bar = line.indexOf(' | ');
  if (bar === -1) throw new SyntaxError(`A curated row is "subject | value", not: ${line}`);
  const [subject = '', aliases = ''] = line.slice(0, bar).split(' = ');
  const [value = '', others = ''] = line.slice(bar + 3).split(' ~ ');
  return { subject: subject.trim(), aliases: splitList(aliases), value: value.trim(), gold: splitList(others) };
};

/** Reads a table; throws `SyntaxError` on a line that fits no form. */
export function readFactTable(text: string): readonly Section[] {
  const sections: Draft[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('# ')) continue;
    if (line.startsWith('@ ')) {
      sections.push(open(line));
      continue;
    }
    const section = sections.at(-1);
    if (section === undefined) throw new SyntaxError(`A curated row stands before any section: ${line}`);
    if (line === 'exact: yes') {
      section.exact = true;
      continue;
    }
    const [, name, rest] = /^(phrases|train|test|back-train|back-test): (.*)$/.exec(line) ?? [];
    if (name !== undefined && rest !== undefined) section[lists[name as keyof typeof lists]].push(...splitList(rest));
    else section.rows.push(readRow(line));
  }
  return sections;
}

/** Reads data files of this package by their paths below data/. */
export function readFactTables(files: readonly string[]): readonly Section[] {
  return files.flatMap((file) =>
    readFactTable(readFileSync(new URL(`../../../data/${file}`, import.meta.url), 'utf8')),
  );
}

/** The sentences of every row; throws `RangeError` on a row whose sentence would be too long. */
export function tablePassages(sections: readonly Section[], source: string): readonly Passage[] {
  return sections.flatMap(({ relation, pattern, rows }) =>
    rows.map(({ subject, value }) => {
      const passage = pattern === null ? null : passageOf({ pattern, source, relation, subject, value });
      if (passage === null) throw new RangeError(`No sentence of 300 bytes for ${relation} of ${subject}`);
      return passage;
    }),
  );
}

/** Other names as the rows give them, and every subject without its article. */
export function tableAliases(sections: readonly Section[]): Aliases {
  const names = new Map<string, Set<string>>();
  for (const { subject, aliases } of sections.flatMap(({ rows }) => rows)) {
    const held = names.get(subject) ?? new Set();
    for (const name of [...aliases, withoutArticle(subject)]) if (name !== subject) held.add(name);
    names.set(subject, held);
  }
  return Object.fromEntries([...names].map(([subject, held]) => [subject, [...held]]));
}

/** How people ask for each relation. */
export function tableRelations(sections: readonly Section[]): Readonly<Record<string, readonly string[]>> {
  const phrases = new Map<string, readonly string[]>();
  for (const section of sections) {
    phrases.set(section.relation, [...new Set([...(phrases.get(section.relation) ?? []), ...section.phrases])]);
  }
  return Object.fromEntries(phrases);
}

/**
 * Question templates of the relations that say how to ask. Golds are the value, the value without its article, and the
 * row's own.
 */
export function tableTemplates(sections: readonly Section[]): readonly QuestionTemplate[] {
  return [...new Set(sections.map(({ relation }) => relation))].flatMap((relation) => {
    const own = sections.filter((section) => section.relation === relation);
    const golds = goldsByValue(own.flatMap(({ rows }) => rows));
    const variants = (value: string): readonly string[] =>
      [withoutArticle(value), ...(golds.get(value) ?? [])].filter((gold) => gold !== value);
    const all = (pick: (section: Section) => readonly string[]): readonly string[] => own.flatMap(pick);
    return [
      ...templateOf(
        relation,
        'value',
        all(({ train }) => train),
        all(({ test }) => test),
      ).map((template) => ({
        ...template,
        variants,
        caseSensitive: own.some(({ exact }) => exact),
      })),
      ...templateOf(
        relation,
        'subject',
        all(({ backTrain }) => backTrain),
        all(({ backTest }) => backTest),
      ),
    ];
  });
}

/** Other right answers by value; where several rows share a value, those that all of them name. */
function goldsByValue(rows: readonly Row[]): ReadonlyMap<string, readonly string[]> {
  const golds = new Map<string, readonly string[]>();
  for (const { value, gold } of rows) {
    golds.set(
      value,
      gold.filter((name) => golds.get(value)?.includes(name) ?? true),
    );
  }
  return golds;
}

/** The last of the train phrasings is tune's, so that the three lists share none. */
function templateOf(
  relation: string,
  asks: 'value' | 'subject',
  train: readonly string[],
  test: readonly string[],
): readonly QuestionTemplate[] {
  if (train.length < 2 || test.length === 0) return [];
  const ready = (phrasings: readonly string[]): readonly string[] =>
    phrasings.map((phrasing) => phrasing.replaceAll(/\{[sS]\}/g, '{subject}').replaceAll(/\{[vV]\}/g, '{value}'));
  return [
    {
      relation,
      asks,
      phrasings: { train: ready(train.slice(0, -1)), tune: ready(train.slice(-1)), test: ready(test) },
    },
  ];
}

const withoutArticle = (text: string): string => text.replace(/^(the|an?) /i, '');

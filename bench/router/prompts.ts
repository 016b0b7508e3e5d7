/**
 * The prompts that the router is fitted and measured on. Owns which set belongs to which side: what is measured shares no phrasing and no
 * entity with what is fitted.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitOf } from '../../packages/experts/src/questions/split.ts';
import type { Passage } from '../../packages/inference/src/knowledge/passage.ts';
import { isFunctionWord, words } from '../../packages/inference/src/scoring/key-terms.ts';
import { mmluPrompts } from './mmlu.ts';

export const DOMAINS = ['geography', 'chemistry', 'medicine', 'programming'] as const;
export const NONE = 'none';
export const CLASSES = [...DOMAINS, NONE] as const;

export type Prompt = {
  readonly text: string;
  /** One of CLASSES. */
  readonly label: string;
  /** Where it comes from: rows of the report. */
  readonly origin: 'template' | 'hand' | 'own' | 'mmlu' | 'unanswerable' | 'passage';
};

type Question = {
  readonly question: string;
  readonly kind: 'template' | 'hand';
  readonly split: 'train' | 'tune' | 'test';
  readonly unanswerable: string | null;
};

/** Questions per domain from templates: more would drown what people wrote. */
const TEMPLATES_MAX = 600;

/** Passages per domain: they bring its vocabulary. */
const PASSAGES_MAX = 300;

type Folders = { readonly questions: string; readonly knowledge: string };

/** What weights are fitted on: questions and passages about entities of the splits train and tune, and prompts written for it. */
export async function fittingPrompts({ questions: questionsFolder, knowledge }: Folders): Promise<Prompt[]> {
  const domains = DOMAINS.flatMap((label) => {
    const folder = join(questionsFolder, label);
    const questions = [...readQuestions(folder), ...readLines<Question>(join(folder, 'practice.jsonl'))].filter(
      ({ split }) => split !== 'test',
    );
    const hand = questions.filter(({ kind }) => kind === 'hand');
    const templates = questions.filter(({ kind }) => kind !== 'hand');
    const passages = readPassages(knowledge, label).filter(({ subject }) => splitOf(subject) !== 'test');
    const ordered = passages.toSorted((a, b) => (a.relation < b.relation ? -1 : a.relation > b.relation ? 1 : 0));
    const told = thin(ordered, PASSAGES_MAX).map(({ text }): Prompt => ({ text, label, origin: 'passage' }));
    return [...[...hand, ...thin(templates, TEMPLATES_MAX)].map((question) => toPrompt(question, label)), ...told];
  });
  return [
    ...domains,
    ...readPrompts('domains-fit.txt', null),
    ...readPrompts('none-fit.txt', NONE),
    ...(await mmluPrompts('fit')),
  ];
}

/** What is measured: the split test of every domain, prompts on topics of their own, and subjects that nothing was fitted on. */
export async function measuringPrompts(questionsFolder: string): Promise<Prompt[]> {
  const domains = DOMAINS.flatMap((label) =>
    readQuestions(join(questionsFolder, label))
      .filter(({ split }) => split === 'test')
      .map((question) => toPrompt(question, label)),
  );
  return [...domains, ...readPrompts('none-test.txt', NONE), ...(await mmluPrompts('test'))];
}

/** Prompts on which choices were tried before the measured set was written: not fitted on, not counted. */
export const triedPrompts = (): Prompt[] => readPrompts('none-tune.txt', NONE);

const toPrompt = ({ question, kind, unanswerable }: Question, label: string): Prompt => ({
  text: question,
  label,
  origin: unanswerable !== null ? 'unanswerable' : kind,
});

function readQuestions(folder: string): Question[] {
  return ['questions.jsonl', 'hand.jsonl'].flatMap((file) => readLines<Question>(join(folder, file)));
}

function readLines<T>(path: string): T[] {
  if (!existsSync(path)) throw new Error(`${path} is missing. Build the question sets first.`);
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

/** Words count as a domain's own from so many passages on, and from this share of all domains' uses on. */
const OWN_WORD_PASSAGES_MIN = 5;
const OWN_WORD_SHARE = 0.85;

/** What marks each domain: subjects of its knowledge, their other names, and words that hardly any other domain uses. */
export function namesOf(knowledgeFolder: string): string[][] {
  const passages = DOMAINS.map((domain) => readPassages(knowledgeFolder, domain));
  const uses = passages.map(countWords);
  return DOMAINS.map((domain, k) => {
    const file = readFileSync(join(knowledgeFolder, domain, 'aliases.json'), 'utf8');
    const aliases = Object.values(JSON.parse(file) as Record<string, string[]>).flat();
    const own = [...uses[k]!].filter(([word, count]) => {
      const all = uses.reduce((sum, counts) => sum + (counts.get(word) ?? 0), 0);
      return (
        count >= OWN_WORD_PASSAGES_MIN && count >= OWN_WORD_SHARE * all && !isFunctionWord(word) && !/\d/.test(word)
      );
    });
    return [...new Set([...passages[k]!.map(({ subject }) => subject), ...aliases, ...own.map(([word]) => word)])];
  });
}

function countWords(passages: readonly Passage[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of passages) {
    for (const word of new Set(words(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function readPassages(knowledgeFolder: string, domain: string): Passage[] {
  const lines = readFileSync(join(knowledgeFolder, domain, 'passages.jsonl'), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Passage);
}

/** Every n-th, so that all templates stay. */
function thin<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  return Array.from({ length: Math.min(most, items.length) }, (_, i) => items[Math.floor(i * step)]!);
}

/** One prompt a line. `# heading` names the topic, which is the label where none is given. */
function readPrompts(file: string, label: string | null): Prompt[] {
  const lines = readFileSync(new URL(`prompts/${file}`, import.meta.url), 'utf8').split('\n');
  let topic = '';
  return lines.flatMap((line): Prompt[] => {
    if (line.startsWith('# ')) topic = line.slice(2);
    return line === '' || line.startsWith('#') ? [] : [{ text: line, label: label ?? topic, origin: 'own' }];
  });
}

/** The knowledge and the questions of one domain as the judge's benchmark reads them. Owns finding a question's facts among the passages. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Question } from '../../packages/experts/src/questions/question.ts';
import type { Passage } from '../../packages/inference/src/knowledge/passage.ts';

export type Domain = {
  readonly name: string;
  readonly folder: string;
  readonly questions: readonly Question[];
  readonly passages: readonly Passage[];
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  readonly bySubject: ReadonlyMap<string, readonly Passage[]>;
  readonly byRelation: ReadonlyMap<string, readonly Passage[]>;
  readonly byText: ReadonlyMap<string, Passage>;
};

export function readDomain(name: string, folders: { readonly knowledge: string; readonly questions: string }): Domain {
  const folder = join(folders.knowledge, name);
  const passages = readLines<Passage>(join(folder, 'passages.jsonl'));
  // Practice questions are written by people too, about entities of the splits train and tune alone.
  const sets = ['questions.jsonl', 'hand.jsonl', 'practice.jsonl'];
  return {
    name,
    folder,
    questions: sets.flatMap((file) => readLines<Question>(join(folders.questions, name, file))),
    passages,
    aliases: JSON.parse(readFileSync(join(folder, 'aliases.json'), 'utf8')) as Domain['aliases'],
    bySubject: Map.groupBy(passages, ({ subject }) => subject),
    byRelation: Map.groupBy(passages, ({ relation }) => relation),
    byText: new Map(passages.map((passage) => [passage.text, passage])),
  };
}

function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

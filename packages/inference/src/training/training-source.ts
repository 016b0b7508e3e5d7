/**
 * What a domain's examples are made of: its passages and its questions. Owns reading both files strictly and bounded; making
 * examples of them is domain-examples.ts.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainingError } from './errors.ts';
import { limits } from './limits.ts';

export type SourcePassage = {
  readonly text: string;
  readonly subject: string;
  readonly relation: string;
  readonly value: string | null;
};

export type SourceQuestion = {
  readonly id: string;
  readonly question: string;
  readonly subject: string;
  readonly relation: string;
  readonly gold: readonly string[];
  readonly caseSensitive: boolean;
  readonly split: 'train' | 'tune' | 'test';
  /** Text of the passage that bears the answer out. */
  readonly passage: string | null;
  readonly unanswerable: 'relation' | 'entity' | null;
};

export type TrainingSource = {
  readonly passages: readonly SourcePassage[];
  readonly questions: readonly SourceQuestion[];
  /** How people name each relation. */
  readonly relations: Readonly<Record<string, readonly string[]>>;
};

/** Reads `passages.jsonl` and `relations.json` of a knowledge folder and a question file. Errors: TRAINING_DATA. */
export async function readTrainingSource(folder: string, questions: string): Promise<TrainingSource> {
  return { ...(await readPublished(folder)), questions: await readQuestions(questions) };
}

/** A file of questions, one a line. Errors: TRAINING_DATA. */
export async function readQuestions(path: string): Promise<readonly SourceQuestion[]> {
  return await readLines(path, isQuestion);
}

/** What a knowledge folder alone brings: its passages, and how people name its relations. Errors: TRAINING_DATA. */
export async function readPublished(folder: string): Promise<Omit<TrainingSource, 'questions'>> {
  return {
    passages: await readLines(join(folder, 'passages.jsonl'), isPassage),
    relations: parse(await readText(join(folder, 'relations.json')), join(folder, 'relations.json'), isRelations),
  };
}

async function readLines<T>(path: string, isItem: (value: unknown) => value is T): Promise<T[]> {
  const lines = (await readText(path)).split('\n').filter((line) => line !== '');
  if (lines.length > limits.examplesMax) throw unusable(path, `has more than ${limits.examplesMax} lines`);
  return lines.map((line, at) => parse(line, `${path}, line ${at + 1},`, isItem));
}

async function readText(path: string): Promise<string> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw unusable(path, 'cannot be read', cause);
  });
  try {
    if ((await handle.stat()).size > limits.sourceBytesMax) throw unusable(path, 'is too large');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function parse<T>(text: string, name: string, isItem: (value: unknown) => value is T): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable(name, 'is not JSON', cause);
  }
  if (!isItem(value)) throw unusable(name, 'lacks a field or has one of another kind');
  return value;
}

function isPassage(value: unknown): value is SourcePassage {
  if (!isRecord(value)) return false;
  return hasTexts(value, 'text', 'subject', 'relation') && isTextOrNull(value['value']);
}

function isQuestion(value: unknown): value is SourceQuestion {
  if (!isRecord(value)) return false;
  const { gold, split, caseSensitive, unanswerable } = value;
  return (
    hasTexts(value, 'id', 'question', 'subject', 'relation') &&
    isTexts(gold) &&
    typeof caseSensitive === 'boolean' &&
    ['train', 'tune', 'test'].includes(split as string) &&
    isTextOrNull(value['passage']) &&
    [null, 'relation', 'entity'].includes(unanswerable as string | null)
  );
}

function isRelations(value: unknown): value is TrainingSource['relations'] {
  return isRecord(value) && Object.values(value).every(isTexts);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function hasTexts(value: Readonly<Record<string, unknown>>, ...fields: readonly string[]): boolean {
  return fields.every((field) => typeof value[field] === 'string');
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function unusable(path: string, problem: string, cause?: unknown): TrainingError {
  return new TrainingError(
    'TRAINING_DATA',
    `${path} ${problem}. Mend it, or build the domain again: ./synod expert build DOMAIN.`,
    {
      facts: { path },
      cause,
    },
  );
}

/** Questions with known answers, one JSON object a line. Owns reading them; further fields (as in bench/domains) are ignored. */
import { readFileSync } from 'node:fs';
import { goldWords, SynodError } from '@synod/chain';

const WAYS_MAX = 16;
const QUESTIONS_MAX = 100_000;

export type GoldQuestion = { readonly question: string; readonly gold: readonly string[] };

/**
 * All lines with at least one way to say the answer; those without (questions that have none) are left out. Throws `NOT_FOUND`
 * and `GOLD_FILE_INVALID`, which names the line.
 */
export function readGoldFile(file: string): readonly GoldQuestion[] {
  const lines = textOf(file)
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (lines.length > QUESTIONS_MAX) throw invalid(file, `it has more than ${QUESTIONS_MAX} lines`);
  const questions = lines.map((line, index) => parseLine(file, line, index + 1));
  const usable = questions.filter(({ gold }) => gold.length > 0);
  if (usable.length === 0) throw invalid(file, 'no line has an answer');
  return usable;
}

function parseLine(file: string, line: string, number: number): GoldQuestion {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw invalid(file, `line ${number} is no JSON`);
  }
  if (!isGoldQuestion(value))
    throw invalid(file, `line ${number} is not {"question": …, "gold": [at most ${WAYS_MAX} texts]}`);
  return { question: value.question, gold: value.gold };
}

function isGoldQuestion(value: unknown): value is GoldQuestion {
  const { question, gold } = (value ?? {}) as { question?: unknown; gold?: unknown };
  if (typeof question !== 'string' || question === '' || !Array.isArray(gold) || gold.length > WAYS_MAX) return false;
  return gold.every((text) => typeof text === 'string' && goldWords(text).length > 0);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SynodError('NOT_FOUND', `${file} cannot be read. Name a file of questions with --gold.`, {
      facts: { file },
      cause,
    });
  }
}

function invalid(file: string, why: string): SynodError {
  return new SynodError('GOLD_FILE_INVALID', `${file} holds no questions with answers: ${why}.`, { facts: { file } });
}

/**
 * Recorded plain debates: the bare model, shown ten answers of a panel, writes the last word. Owns the prompt and the file; record-debate.ts
 * makes it. Honest panelists are one model and decode greedily, so shown the same ten answers they all write the same.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from './panels.ts';
import { RECORDINGS, readPinned, writePinned } from './recording.ts';

export type Debate = {
  readonly id: string;
  readonly kind: Kind;
  readonly bad: number;
  readonly text: string;
  readonly contains: boolean;
  readonly strict: boolean;
};

const FILE = 'debate.jsonl.gz';

/** Empty where no debates were recorded. */
export function readDebates(directory: string = RECORDINGS): readonly Debate[] {
  return existsSync(join(directory, FILE)) ? (readPinned(FILE, directory) as readonly Debate[]) : [];
}

export function writeDebates(debates: readonly Debate[], directory: string = RECORDINGS): void {
  writePinned(FILE, debates, directory);
}

/** As in multi-agent debate: the others' answers are additional information, and an updated answer is asked for. */
export function debatePrompt(question: string, answers: readonly string[]): string {
  const list = answers.map((answer, i) => `Agent ${i + 1}: ${answer.replace(/\s+/g, ' ')}`);
  return [
    `These are answers of several agents to the question "${question}"`,
    ...list,
    `Use them as additional information. What is your final, short answer to the question "${question}"?`,
  ].join('\n');
}

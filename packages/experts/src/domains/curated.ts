/**
 * Facts that contributors wrote by hand, kept as plain text under data/. Owns that format (spec: knowledge §8):
 * a line `subject | relation | sentence with its [value] in brackets`; `@ subject = name; name` gives other names;
 * `#` starts a comment.
 */
import { readFileSync } from 'node:fs';
import { SynodError } from '@synod/chain';
import type { Passage } from '../passage.ts';
import type { Aliases } from '../recipe.ts';

export type Curated = { readonly passages: readonly Passage[]; readonly aliases: Aliases };

/** Reads data files of this package by their paths below data/. Errors: KNOWLEDGE_FORMAT naming file and line. */
export function readCurated(files: readonly string[], source: string): Curated {
  const parts = files.map((file) =>
    parseCurated(file, readFileSync(new URL(`../../data/${file}`, import.meta.url), 'utf8'), source),
  );
  return {
    passages: parts.flatMap(({ passages }) => passages),
    aliases: Object.fromEntries(parts.flatMap(({ aliases }) => Object.entries(aliases))),
  };
}

/** Parses one file's text. Errors: KNOWLEDGE_FORMAT. */
export function parseCurated(file: string, text: string, source: string): Curated {
  const passages: Passage[] = [];
  const aliases: Record<string, readonly string[]> = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const alias = /^@ (.+?) = (.+)$/.exec(line);
    if (alias) {
      aliases[alias[1]!.trim()] = alias[2]!.split(';').map((name) => name.trim());
      continue;
    }
    const [subject, relation, sentence] = line.split(' | ').map((cell) => cell.trim());
    if (!subject || !relation || !sentence) throw curatedError(file, index + 1);
    const value = /\[([^[\]]+)\]/.exec(sentence)?.[1] ?? null;
    passages.push({ text: sentence.replace(/\[([^[\]]+)\]/, '$1'), source, subject, relation, value });
  }
  return { passages, aliases };
}

function curatedError(file: string, line: number): SynodError {
  return new SynodError(
    'KNOWLEDGE_FORMAT',
    `${file}:${line} is neither "subject | relation | sentence" nor "@ subject = names". Mend the line.`,
    { facts: { file, line } },
  );
}

/** A small knowledge folder on disk, and an embedder that needs no model: texts that share content words have near vectors. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Passage } from '../../src/knowledge/passage.ts';
import { FUNCTION_WORDS, normsOf, stem } from '../../src/retrieval/words.ts';

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'synod-knowledge-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const SOURCE = 'Synod test facts (public domain)';
export const fact = (subject: string, relation: string, text: string, value: string | null): Passage => ({
  text,
  source: SOURCE,
  subject,
  relation,
  value,
});

const countries: readonly (readonly [string, string, string, string])[] = [
  ['France', 'Paris', '67.4 million', 'euro'],
  ['Japan', 'Tokyo', '125.7 million', 'yen'],
  ['Kenya', 'Nairobi', '54 million', 'Kenyan shilling'],
  ['Peru', 'Lima', '33.7 million', 'sol'],
  ['Norway', 'Oslo', '5.4 million', 'Norwegian krone'],
];

export const passages: readonly Passage[] = countries.flatMap(([name, capital, population, currency]) => [
  fact(name, 'capital', `The capital of ${name} is ${capital}.`, capital),
  fact(name, 'population', `${name} has a population of ${population}.`, population),
  fact(name, 'currency', `The currency of ${name} is the ${currency}.`, currency),
]);

export const document = (text: string, subject: string): Passage => ({
  ...fact(subject, 'document', text, null),
  source: 'notes.md',
});

export const relations = {
  capital: ['capital', 'capital city', 'seat of government'],
  population: ['population', 'number of inhabitants', 'how many people live there'],
  currency: ['currency', 'money', 'what people pay with'],
};

/** Writes the four files; `change` replaces some of them by other content. */
export async function writeFolder(
  folder: string,
  facts: readonly Passage[] = passages,
  change: Readonly<Record<string, string>> = {},
): Promise<string> {
  const lines = facts.map((passage) => JSON.stringify(passage)).join('\n');
  const files = {
    'passages.jsonl': `${lines}\n`,
    'aliases.json': JSON.stringify({ France: ['French Republic'], Japan: ['Nippon'] }),
    'relations.json': JSON.stringify(relations),
    'card.json': JSON.stringify({
      formatVersion: 1,
      domain: 'test-facts',
      title: 'Test facts',
      root: createHash('sha256').update(lines).digest('hex'),
      size: facts.length,
      sources: [{ id: 'test', title: 'Synod test facts', licence: 'public domain', version: '1' }],
    }),
    ...change,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

const DIMENSIONS = 64;

/** Hashed word counts, of length one. `counts.texts` grows by every text embedded. */
export function wordEmbedder() {
  const counts = { texts: 0 };
  const embed = async (texts: readonly string[]): Promise<Float32Array[]> => {
    counts.texts += texts.length;
    return texts.map((text) => {
      const vector = new Float32Array(DIMENSIONS);
      for (const norm of normsOf(text)) {
        const weight = FUNCTION_WORDS.has(norm) ? 0.2 : 1;
        const digest = createHash('sha256').update(stem(norm)).digest();
        for (let i = 0; i < 8; i++) vector[digest[i]! % DIMENSIONS]! += digest[i + 8]! % 2 === 0 ? weight : -weight;
      }
      const length = Math.hypot(...vector) || 1;
      return vector.map((value) => value / length);
    });
  };
  return { embed, counts };
}

/**
 * Finds the domains' knowledge and questions for the benchmarks of this folder. Owns the layout: a knowledge folder under
 * packages/experts/knowledge and questions here, or both in `DIR/<domain>` when `--data DIR` names drafts.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { type Engine, loadEngine } from '../../packages/inference/src/engine/engine.ts';
import { type Embed, type Knowledge, openKnowledge } from '../../packages/inference/src/knowledge/index.ts';
import { vectorsDirectory, vectorsFile } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { type Coefficients, shippedCoefficients } from '../../packages/inference/src/retrieval/rank.ts';
import { maskQuestion } from '../../packages/inference/src/retrieval/relations.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const shippedKnowledge = resolve(here, '../../packages/experts/knowledge');

export type Domain = {
  readonly name: string;
  /** Knowledge folder. */
  readonly folder: string;
  readonly knowledge: Knowledge;
  readonly questions: readonly Question[];
  readonly memory: Memory;
};

/** A control that never interrupts. */
export const control = { signal: new AbortController().signal, checkpoint: async () => {} };

export async function openEngine(model = 'default'): Promise<Engine> {
  const cacheDir = join(vectorsDirectory(), '..', 'models');
  const { directory } = await resolveModel({ model, cacheDir });
  return loadEngine(directory);
}

/** Every domain that has both knowledge and questions, with all vectors computed. */
export async function loadDomains(
  engine: Engine,
  {
    data,
    only,
    coefficients = shippedCoefficients,
  }: { data: string | undefined; only: readonly string[]; coefficients?: Coefficients },
): Promise<Domain[]> {
  const memory = remembering(engine.embed, engine.info.hash);
  const root = data ?? shippedKnowledge;
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'passages.jsonl')));
  const domains: Domain[] = [];
  for (const name of names.filter((one) => only.length === 0 || only.includes(one)).toSorted()) {
    const folder = await withCard(join(root, name), name);
    const questions = readQuestions(data === undefined ? join(here, name) : join(data, name));
    const knowledge = await openKnowledge(folder, {
      embed: memory.embed,
      coefficients,
      vectorsFile: vectorsFile(vectorsDirectory(), { domain: name }),
    });
    await knowledge.embedAll((done, total) => {
      if (done % 1024 === 0 || done === total) process.stderr.write(`\r${name}: ${done} of ${total} vectors   `);
    }, control);
    process.stderr.write('\n');
    domains.push({ name, folder, knowledge, questions, memory });
  }
  return domains;
}

/** Vectors of questions already asked, kept between runs: the benchmarks spend nearly all their time on them. */
type Memory = { readonly embed: Embed; prefetch(texts: readonly string[]): Promise<void>; save(): void };

const QUESTIONS_KEPT_MAX = 60_000;

function remembering(embed: Embed, model: string): Memory {
  const file = join(vectorsDirectory(), `bench-questions-${model.slice(0, 12)}.bin`);
  const known = existsSync(file) ? (deserialize(readFileSync(file)) as Map<string, Float32Array>) : new Map();
  const prefetch = async (texts: readonly string[]): Promise<void> => {
    const missing = [...new Set(texts)].filter((text) => !known.has(text));
    if (known.size > QUESTIONS_KEPT_MAX) known.clear();
    const vectors = await embed(missing, control);
    for (const [i, text] of missing.entries()) known.set(text, vectors[i]!);
  };
  return {
    prefetch,
    async embed(texts, jobControl) {
      // Passages come in bulk and are kept by the vector store.
      if (texts.length > 5) return embed(texts, jobControl);
      await prefetch(texts);
      return texts.map((text) => known.get(text)!);
    },
    save() {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, serialize(known));
    },
  };
}

/** Embeds what retrieval will compare of all these questions, in batches; `memory.save` keeps it for the next run. */
export async function prefetchQuestions({ knowledge, memory }: Domain, questions: readonly string[]): Promise<void> {
  const views = questions.map((question) => knowledge.retriever.read(question));
  const masked = views.flatMap(({ text, words, links }) => [...maskQuestion(text, words, links)]);
  await memory.prefetch([...views.map(({ text }) => text), ...masked]);
  memory.save();
}

/** Drafts have no card and perhaps no lists of names yet. */
async function withCard(folder: string, name: string): Promise<string> {
  if (existsSync(join(folder, 'card.json'))) return folder;
  const copy = await mkdtemp(join(tmpdir(), `synod-${name}-`));
  await cp(folder, copy, { recursive: true });
  for (const file of ['aliases.json', 'relations.json']) {
    if (!existsSync(join(copy, file))) await writeFile(join(copy, file), '{}');
  }
  const size = readFileSync(join(copy, 'passages.jsonl'), 'utf8').trimEnd().split('\n').length;
  const card = { formatVersion: 1, domain: name, title: name, root: '0'.repeat(64), size, sources: [] };
  await writeFile(join(copy, 'card.json'), JSON.stringify(card));
  return copy;
}

function readQuestions(folder: string): Question[] {
  return ['questions.jsonl', 'hand.jsonl', 'practice.jsonl']
    .map((file) => join(folder, file))
    .filter(existsSync)
    .flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Question);
}

/** What fitting and measuring share: options, the loaded engine, groups of answers. Owns which questions are on which side. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { type Engine, loadEngine } from '../../packages/inference/src/engine/engine.ts';
import { type Knowledge, openKnowledge } from '../../packages/inference/src/knowledge/knowledge.ts';
import { vectorsDirectory, vectorsFile } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import type { JudgeKnowledge } from '../../packages/inference/src/scoring/judge.ts';
import { limits } from '../../packages/inference/src/scoring/limits.ts';
import { type Domain, readDomain } from './domain.ts';
import type { Side } from './phrases.ts';
import { fraction } from './random.ts';

const DOMAINS = ['geography', 'chemistry', 'medicine', 'programming'];
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const undisturbed = { signal: new AbortController().signal, checkpoint: async () => {} };

export type Setup = { readonly engine: Engine; readonly domains: readonly OpenDomain[] };
export type OpenDomain = { readonly domain: Domain; readonly knowledge: Knowledge };

const { values } = parseArgs({
  options: {
    knowledge: { type: 'string', default: join(REPOSITORY, 'packages/experts/knowledge') },
    questions: { type: 'string', default: join(REPOSITORY, 'bench/domains') },
    model: { type: 'string', default: 'default' },
    ablation: { type: 'boolean', default: false },
    likelihood: { type: 'boolean', default: false },
  },
});

/** `--knowledge`, `--questions`: folders with one folder a domain. `--model`: as everywhere. */
export const options = values;

/** Loads the model and opens every domain whose knowledge is there, with all its vectors. */
export async function setUp(): Promise<Setup> {
  const cacheDir = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'synod', 'models');
  const engine = await loadEngine((await resolveModel({ model: values.model, cacheDir })).directory);
  const folders = { knowledge: resolve(values.knowledge), questions: resolve(values.questions) };
  const domains: OpenDomain[] = [];
  for (const name of DOMAINS) {
    if (!existsSync(join(folders.knowledge, name, 'card.json'))) {
      console.log(`${name}: no knowledge folder in ${folders.knowledge}, left out`);
      continue;
    }
    domains.push(await openDomain(engine, readDomain(name, folders)));
  }
  return { engine, domains };
}

async function openDomain(engine: Engine, domain: Domain): Promise<OpenDomain> {
  const knowledge = await openKnowledge(domain.folder, {
    embed: engine.embed,
    vectorsFile: (card) => vectorsFile(vectorsDirectory(), card),
  });
  console.log(`${domain.name}: ${knowledge.passages.length} passages`);
  await knowledge.embedAll((done, total) => {
    if (done % 6_400 === 0 && done > 0) console.log(`  vectors ${done} of ${total}`);
  }, undisturbed);
  return { domain, knowledge };
}

/** The questions of a side, in an order that mixes relations: all that people wrote, then so many of the others. */
export function questionsOf({ questions }: Domain, side: Side, most: number, isAnswerable: boolean): Question[] {
  const fitting = questions.filter(
    ({ split, unanswerable }) => (split === 'test') === (side === 'test') && (unanswerable === null) === isAnswerable,
  );
  const shuffled = fitting.toSorted((a, b) => fraction(a.id + a.question) - fraction(b.id + b.question));
  const hand = shuffled.filter(({ kind }) => kind === 'hand');
  return [...hand, ...shuffled.filter(({ kind }) => kind !== 'hand').slice(0, most)];
}

/** What the judge's retrieval finds for one question, best first; and its knowledge with that remembered. */
export async function found({ knowledge }: OpenDomain, { question }: Question) {
  const retrieved = await knowledge.retrieve(question, undisturbed);
  const passages = retrieved.candidates.slice(0, limits.candidatesMax).map(({ passage }) => passage);
  const remembering: JudgeKnowledge = {
    passages: knowledge.passages,
    aliases: knowledge.aliases,
    retrieve: async (prompt, control) => (prompt === question ? retrieved : await knowledge.retrieve(prompt, control)),
  };
  return { knowledge: remembering, passages, candidates: retrieved.candidates };
}

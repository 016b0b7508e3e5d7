/**
 * Records what the market's experiments replay: answers of good, lesser, generic, strange and malicious experts to questions of four
 * domains, and what four judges with different knowledge give each. Real model, real worker, one job at a time. Texts and scores are the
 * same every time on one machine; CPU times are not.
 * Usage: node bench/market/record.ts [--domains a,b] [--each 100] [--seed market-1] [--model default|DIR] [--out DIR] [--without expert,…].
 */
import { mkdirSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { cpus, homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contains, strict } from '../../packages/experts/src/questions/scoring.ts';
import type { Job } from '../../packages/inference/src/client/protocol.ts';
import { vectorsDirectory } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { readDomain } from '../judge/domain.ts';
import { degradedFolder } from './degraded-folder.ts';
import { LIARS } from './lies.ts';
import { type MeasuredWorker, startMeasuredWorker } from './measured-worker.ts';
import {
  ANSWERERS,
  type Answerer,
  DOMAINS,
  type DomainName,
  JUDGES,
  profileOf,
  strangersDomain,
} from './population.ts';
import { type Chosen, chooseQuestions } from './questions.ts';
import { type RecordedAnswer, type RecordedQuestion, writeRecording } from './recording.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const KNOWLEDGE = join(REPOSITORY, 'packages/experts/knowledge');
/** As many answers as a judge looks at in one job (inference/src/scoring/limits.ts). */
const ANSWERS_A_JOB = 16;

const { values } = parseArgs({
  options: {
    domains: { type: 'string', default: DOMAINS.join(',') },
    each: { type: 'string', default: '100' },
    seed: { type: 'string', default: 'market-1' },
    model: { type: 'string', default: 'default' },
    out: { type: 'string' },
    without: { type: 'string', default: '' },
  },
});

type Unscored = Omit<RecordedAnswer, 'scores'>;
type Stage = { readonly worker: MeasuredWorker; readonly directory: string };

const cacheDir = join(homedir(), '.synod', 'models');
const { directory: modelDirectory, info } = await resolveModel({ model: values.model, cacheDir });
const wanted = DOMAINS.filter((name) => values.domains.split(',').includes(name));
const directory = await mkdtemp(join(tmpdir(), 'synod-record-'));
await ownVectors(directory);
const worker = startMeasuredWorker(modelDirectory);
try {
  for (const name of wanted) {
    const questions = await recordDomain(name, { worker, directory });
    const about = { seed: values.seed, model: info.hash, machine: cpus()[0]?.model ?? 'unknown' };
    writeRecording(name, questions, {
      ...about,
      ...(values.out === undefined ? {} : { directory: resolve(values.out) }),
    });
  }
} finally {
  await worker.close();
  await rm(directory, { recursive: true, force: true });
}

/** A copy of the vectors already computed, so that folders with gaps leave the shared files alone. */
async function ownVectors(home: string): Promise<void> {
  const shared = vectorsDirectory();
  process.env['XDG_CACHE_HOME'] = home;
  mkdirSync(vectorsDirectory(), { recursive: true });
  for (const name of DOMAINS) {
    await copyFile(join(shared, `${name}.vectors`), join(vectorsDirectory(), `${name}.vectors`)).catch(() =>
      console.log(`${name}: no vectors yet; they are computed on the way and count as CPU of the first answers`),
    );
  }
}

async function recordDomain(name: DomainName, stage: Stage): Promise<RecordedQuestion[]> {
  const domain = readDomain(name, { knowledge: KNOWLEDGE, questions: join(REPOSITORY, 'bench/domains') });
  const chosen = chooseQuestions(domain, { count: Number(values.each), seed: values.seed });
  const answers: Unscored[][] = chosen.map(() => []);
  const left = values.without.split(',');
  for (const answerer of ANSWERERS.filter((one) => !left.includes(one.name))) {
    const startedMs = performance.now();
    const setup = await setupOf(name, answerer, stage.directory);
    // The first answer opens the folder; that is not its price.
    await answer(stage.worker, setup, { question: chosen[0]!, name: answerer.name });
    for (const [i, question] of chosen.entries()) {
      answers[i]!.push(await answer(stage.worker, setup, { question, name: answerer.name }));
    }
    tell(
      name,
      answerer.name,
      answers.map((list) => list.at(-1)!),
      startedMs,
    );
  }
  for (const [i, { question, lies }] of chosen.entries()) {
    for (const liar of LIARS) answers[i]!.push(liesAnswer(liar, lies[liar], question));
  }
  return await judged(name, chosen, answers, stage);
}

async function setupOf(name: DomainName, answerer: Answerer, into: string) {
  const { share, seed, isStranger, isAdapted } = answerer;
  const domain = isStranger ? strangersDomain(name) : name;
  const knowledge =
    share === null ? null : await degradedFolder(join(KNOWLEDGE, domain), { share, seed, directory: into });
  const adapter = isAdapted ? join(REPOSITORY, 'packages/experts/adapters', `${domain}.adapter`) : null;
  return { profile: profileOf(answerer), knowledge, adapter };
}

async function answer(
  { run }: MeasuredWorker,
  expert: Awaited<ReturnType<typeof setupOf>>,
  { question: { question }, name }: { question: Chosen; name: string },
): Promise<Unscored> {
  const messages = [{ role: 'user', content: question.question }] as const;
  const job: Job = {
    kind: 'answer',
    id: `${name} ${question.id}`,
    priority: 'answer',
    messages,
    expert,
    seed: 0,
    stop: [],
  };
  const { event, cpuMs } = await run(job);
  if (event.kind !== 'answered') throw new Error(`an answer ended with ${event.kind}`);
  const { segments, grounding, promptTokens, confidencePpm } = event.result;
  const text = segments.map((segment) => segment.text).join('');
  return { expert: name, ...graded(text, question), grounding, segments, promptTokens, confidencePpm, cpuMs };
}

function liesAnswer(expert: string, text: string, question: Chosen['question']): Unscored {
  const nothing = { segments: [], promptTokens: 0, confidencePpm: 0, cpuMs: 0 };
  return { expert, ...graded(text, question), grounding: 'malicious', ...nothing };
}

function graded(text: string, question: Chosen['question']) {
  return {
    text,
    bytes: Buffer.byteLength(text),
    contains: contains(text, question),
    strict: strict(text, question),
  };
}

async function judged(
  name: DomainName,
  chosen: readonly Chosen[],
  answers: readonly (readonly Unscored[])[],
  stage: Stage,
): Promise<RecordedQuestion[]> {
  const scores: Record<string, number>[][] = answers.map((list) => list.map(() => ({})));
  const costs: Record<string, number>[] = chosen.map(() => ({}));
  for (const judge of JUDGES) {
    const startedMs = performance.now();
    const knowledge = await degradedFolder(join(KNOWLEDGE, name), { ...judge, directory: stage.directory });
    const [first] = chosen;
    const opening = { id: `${judge.name} opens`, prompt: first!.question.question, knowledge };
    await score(stage.worker, opening, [first!.lies.refuser]);
    for (const [i, { question }] of chosen.entries()) {
      const texts = answers[i]!.map(({ text }) => text);
      const { given, cpuMs } = await score(
        stage.worker,
        { id: `${judge.name} ${question.id}`, prompt: question.question, knowledge },
        texts,
      );
      given.forEach((scorePpm, at) => {
        scores[i]![at]![judge.name] = scorePpm;
      });
      costs[i]![judge.name] = cpuMs;
    }
    console.log(`${name} ${judge.name}: judged in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  }
  return chosen.map(({ question }, i) => ({
    id: question.id,
    domain: name,
    question: question.question,
    subject: question.subject,
    relation: question.relation,
    kind: question.kind,
    gold: question.gold,
    caseSensitive: question.caseSensitive,
    answers: answers[i]!.map((one, at) => ({ ...one, scores: scores[i]![at]! })),
    judgeCpuMs: costs[i]!,
  }));
}

async function score(
  { run }: MeasuredWorker,
  { id, ...task }: { id: string; prompt: string; knowledge: string },
  texts: readonly string[],
): Promise<{ given: number[]; cpuMs: number }> {
  const distinct = [...new Set(texts)];
  const byText = new Map<string, number>();
  let cpuMs = 0;
  for (let at = 0; at < distinct.length; at += ANSWERS_A_JOB) {
    const answers = distinct.slice(at, at + ANSWERS_A_JOB);
    const { event, cpuMs: spent } = await run({
      kind: 'score',
      id: `${id} ${at}`,
      priority: 'score',
      ...task,
      answers,
    });
    if (event.kind !== 'scored') throw new Error(`a score ended with ${event.kind}`);
    for (const [i, { scorePpm }] of event.scores.entries()) byText.set(answers[i]!, scorePpm);
    cpuMs += spent;
  }
  return { given: texts.map((text) => byText.get(text)!), cpuMs };
}

function tell(domain: string, name: string, given: readonly Unscored[], startedMs: number): void {
  const count = (is: (one: Unscored) => boolean) => given.filter(is).length;
  const cpu = given.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / given.length;
  const figures = `contains ${count((one) => one.contains)}, strict ${count((one) => one.strict)}, refused ${count(({ grounding }) => grounding === 'refused')}`;
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  console.log(`${domain} ${name}: ${given.length} answers, ${figures}; ${cpu.toFixed(0)} ms CPU each; ${seconds} s`);
}

/**
 * What an easy question costs a whole network in processor time: routing, answers, scores and verification, before and with the small
 * configuration (market §17), and which answers win. Every job is run and measured once for each kind of knowledge, in turns; networks are put together
 * from these (easy-networks.ts). Owns the jobs; the ways of answering and judging are the workers'.
 * Usage: node bench/market/easy.ts [--split test|tune] [--each 25] [--before DIR]. Before is the code of another checkout of this repository, else this
 * code with refusals read and nothing remembered. Writes bench/results/market-easy.json.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import { REFUSAL } from '../../packages/inference/src/answering/answer.ts';
import type { AnswerResult, Effort } from '../../packages/inference/src/client/protocol.ts';
import type { Knowledge } from '../../packages/inference/src/knowledge/index.ts';
import { remembering } from '../../packages/inference/src/knowledge/remembered.ts';
import { vectorsDirectory, vectorsFile } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { control, type Domain, loadDomains } from '../domains/load.ts';
import { fraction } from '../judge/random.ts';
import { type Row, report } from '../table.ts';
import { degradedFolder } from './degraded-folder.ts';
import { type Cost, costOf, type Job, type Measured, type Network, rightShare } from './easy-networks.ts';

const { values } = parseArgs({
  options: {
    split: { type: 'string', default: 'test' },
    each: { type: 'string', default: '25' },
    before: { type: 'string' },
  },
});

/** Prompts below this difficulty are easy (node/src/host/limits.ts). */
const EASY_BELOW_PPM = 250_000;
/** Shares of the domain's passages that a node may know. */
const SHARES = [1, 0.85, 0.7, 0.55] as const;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Question = Domain['questions'][number];

/** The worker's code in a checkout, with an engine of its own. */
async function versionAt(root: string) {
  const from = (path: string) => pathToFileURL(join(resolve(root), path)).href;
  const source = 'packages/inference/src';
  type Module<Path extends keyof Modules> = Modules[Path];
  const load = <Path extends keyof Modules>(path: Path) => import(from(join(source, path))) as Promise<Module<Path>>;
  const { openEngine } = (await import(from('bench/domains/load.ts'))) as typeof import('../domains/load.ts');
  const engine = await openEngine();
  const { createIntentReader } = await load('answering/intent.ts');
  return {
    engine,
    intent: createIntentReader(engine.embed),
    ...(await load('answering/answer.ts')),
    ...(await load('answering/verify.ts')),
    ...(await load('knowledge/index.ts')),
    ...(await load('knowledge/known.ts')),
    ...(await load('routing/router.ts')),
    ...(await load('scoring/judge.ts')),
  };
}

type Modules = {
  'answering/answer.ts': Pick<typeof import('../../packages/inference/src/answering/answer.ts'), 'answer'>;
  'answering/intent.ts': typeof import('../../packages/inference/src/answering/intent.ts');
  'answering/verify.ts': Pick<typeof import('../../packages/inference/src/answering/verify.ts'), 'verify'>;
  'knowledge/index.ts': Pick<typeof import('../../packages/inference/src/knowledge/index.ts'), 'openKnowledge'>;
  'knowledge/known.ts': Pick<typeof import('../../packages/inference/src/knowledge/known.ts'), 'publishedAlone'>;
  'routing/router.ts': Pick<typeof import('../../packages/inference/src/routing/router.ts'), 'route'>;
  'scoring/judge.ts': Pick<typeof import('../../packages/inference/src/scoring/judge.ts'), 'judge'>;
};

type Version = Awaited<ReturnType<typeof versionAt>>;

async function spent<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly cpuMs: number }> {
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { value, cpuMs: (user + system) / 1000 };
}

const textOf = ({ segments }: AnswerResult): string => segments.map(({ text }) => text).join('');

type Place = { readonly domain: Domain; readonly folder: string; readonly effort: Effort };

/** What a node does for a question with what it knows. */
function nodeOf({ engine, intent, ...worker }: Version, knowledge: Knowledge, { domain, folder, effort }: Place) {
  const known = worker.publishedAlone(knowledge);
  const library = { open: async () => knowledge, openKnown: async () => known };
  const adapter = join(ROOT, 'packages/experts/adapters', `${domain.name}.adapter`);
  // With full effort this expert would phrase, which easy questions never had.
  const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: effort === 'full' ? 0 : 64 };
  const expert = { profile, knowledge: folder, adapter };
  const messagesOf = (question: string) => [{ role: 'user' as const, content: question }];
  return {
    answer(question: string): Promise<AnswerResult> {
      const request = { messages: messagesOf(question), expert, seed: 0, stop: [], effort };
      return worker.answer({ engine, library, intent }, request, { ...control, onText: () => {} });
    },
    verify: (question: string, { segments }: AnswerResult) =>
      worker.verify({ engine, library }, { messages: messagesOf(question), expert, segments, effort }, control),
    judge: (question: string, answers: readonly string[]) =>
      worker.judge({ engine, intent, knowledge: known }, { prompt: question, answers }, control),
    route: (question: string) => worker.route(engine.embed, question, control),
  };
}

type Node = ReturnType<typeof nodeOf>;
/** One kind of knowledge: before, with the small configuration, and the latter with a memory. */
type Nodes = { readonly before: Node; readonly small: Node; readonly warm: Node };

async function jobOf(node: Node, question: string): Promise<Job> {
  const { value, cpuMs } = await spent(() => node.answer(question));
  const isWritten = value.segments.some(({ kind }) => kind === 'generated');
  const check = isWritten ? await spent(() => node.verify(question, value)) : null;
  if (check?.value.some(({ verdict }) => verdict !== 'match')) throw new Error('an honest answer does not verify');
  return { text: textOf(value), cpuMs, verifyMs: check?.cpuMs ?? null };
}

async function judgedBy(node: Node, question: string, texts: readonly string[]) {
  const { value, cpuMs } = await spent(() => node.judge(question, texts));
  return { cpuMs, scores: new Map(texts.map((text, i) => [text, value[i]!.scorePpm])) };
}

/** Each way does what the other does, in an order that changes from question to question. */
async function measure(kinds: readonly Nodes[], question: Question, isOdd: boolean): Promise<Measured> {
  const prompt = question.question;
  const ways = isOdd ? (['small', 'before'] as const) : (['before', 'small'] as const);
  const costs = { before: { routeMs: 0, kinds: [] }, small: { routeMs: 0, kinds: [] } } as Measured['ways'];
  let difficultyPpm = 0;
  for (const nodes of kinds) {
    // What a first question computes and keeps is nobody's gain.
    for (const way of ways) await nodes[way].answer(prompt);
    const jobs = { before: await jobOf(nodes[ways[0]], prompt), small: await jobOf(nodes[ways[1]], prompt) };
    if (isOdd) [jobs.before, jobs.small] = [jobs.small, jobs.before];
    for (const way of ways) costs[way].kinds.push({ job: jobs[way], judgeMs: 0, judgeAgainMs: 0, scores: new Map() });
  }
  for (const way of ways) {
    const routed = await spent(() => kinds[0]![way].route(prompt));
    costs[way].routeMs = routed.cpuMs;
    difficultyPpm = routed.value.difficultyPpm;
    const texts = [...new Set(costs[way].kinds.map(({ job }) => job.text))];
    for (const [i, nodes] of kinds.entries()) {
      const judged = await judgedBy(nodes[way], prompt, texts);
      if (way === 'small') await nodes.warm.judge(prompt, texts);
      const again = way === 'small' ? await judgedBy(nodes.warm, prompt, texts) : judged;
      costs[way].kinds[i] = {
        ...costs[way].kinds[i]!,
        judgeMs: judged.cpuMs,
        judgeAgainMs: again.cpuMs,
        scores: judged.scores,
      };
    }
  }
  // Of what nobody can know, saying so is right.
  const isRight = (text: string) => (question.unanswerable === null ? contains(text, question) : text === REFUSAL);
  return { isAnswerable: question.unanswerable === null, difficultyPpm, ways: costs, isRight };
}

function questionsOf({ questions }: Domain): Question[] {
  const own = questions
    .filter(({ split }) => split === values.split)
    .toSorted((a, b) => fraction(`easy ${a.id} ${a.question}`) - fraction(`easy ${b.id} ${b.question}`));
  const answerable = own.filter(({ unanswerable }) => unanswerable === null).slice(0, Number(values.each));
  return [...answerable, ...own.filter(({ unanswerable }) => unanswerable !== null).slice(0, Number(values.each) / 5)];
}

async function kindsOf(domain: Domain, directory: string): Promise<Nodes[]> {
  const kinds: Nodes[] = [];
  for (const share of SHARES) {
    const folder = await degradedFolder(domain.folder, { share, seed: `easy-${share}`, directory });
    const file = vectorsFile(vectorsDirectory(), { domain: domain.name });
    const open = ({ engine, openKnowledge }: Version) =>
      openKnowledge(folder, { embed: engine.embed, vectorsFile: file });
    const [old, own] = [await open(before), await open(small)];
    kinds.push({
      before: nodeOf(before, old, { domain, folder, effort: before === small ? 'full' : 'quote' }),
      small: nodeOf(small, own, { domain, folder, effort: 'quote' }),
      warm: nodeOf(small, remembering(own), { domain, folder, effort: 'quote' }),
    });
  }
  return kinds;
}

const small = await versionAt(ROOT);
const before = values.before === undefined ? small : await versionAt(values.before);

const directory = await mkdtemp(join(tmpdir(), 'synod-easy-'));
const measured: Measured[] = [];
for (const domain of await loadDomains(small.engine, { data: undefined, only: [] })) {
  const kinds = await kindsOf(domain, directory);
  for (const [at, question] of questionsOf(domain).entries())
    measured.push(await measure(kinds, question, at % 2 === 1));
}
await small.engine.close();
if (before !== small) await before.engine.close();
await rm(directory, { recursive: true });

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const easy = measured.filter(({ difficultyPpm }) => difficultyPpm < EASY_BELOW_PPM);
const answerable = easy.filter(({ isAnswerable }) => isAnswerable);
const sets = { answerable, 'with what nobody knows': easy };

const TWO_BEFORE = { respondents: 2, way: 'before' } as const;
const TWO_SMALL = { respondents: 2, way: 'small' } as const;
const ONE_SMALL = { respondents: 1, way: 'small' } as const;
/** Which knowledge each node has: all the whole of it, as on a devnet; or each another share. */
const NETWORKS: Readonly<Record<string, readonly number[]>> = {
  'devnet of 4': [0, 0, 0, 0],
  '4 that know unequally': [0, 1, 2, 3],
  '7 that know unequally': [0, 1, 2, 3, 0, 1, 2],
};

const rows: Row[] = [];
const details: Record<string, Record<string, { readonly cost: Cost; readonly right: number }>> = {};
for (const [setName, set] of Object.entries(sets)) {
  for (const [name, nodes] of Object.entries(NETWORKS)) {
    const of = (terms: Omit<Network, 'nodes'>) => {
      const network = { ...terms, nodes };
      return { cost: costOf(set, network), right: rightShare(set, network) };
    };
    const [two, spared, single] = [of(TWO_BEFORE), of(TWO_SMALL), of(ONE_SMALL)];
    const saved = 1 - spared.cost.totalMs / two.cost.totalMs;
    rows.push({
      figure: `${setName} (${set.length}), ${name}: saved; right before, after`,
      value: `${percent(saved)}; ${percent(two.right)}, ${percent(spared.right)}`,
      goal: '≥ 30 % at equal accuracy',
      met: saved >= 0.3 && spared.right >= two.right,
    });
    rows.push({
      figure: '  with one respondent instead of two: saved; right',
      value: `${percent(1 - single.cost.totalMs / two.cost.totalMs)}; ${percent(single.right)}`,
      goal: '–',
      met: null,
    });
    details[`${setName}, ${name}`] = { before: two, small: spared, single };
  }
}
console.log(`${easy.length} easy of ${measured.length}; mean ms of processor time a question in the whole network`);
console.table(
  Object.fromEntries(
    Object.entries(details).flatMap(([name, ways]) =>
      Object.entries(ways).map(([way, { cost }]) => [
        `${name}, ${way}`,
        Object.fromEntries(Object.entries(cost).map(([part, ms]) => [part, Number(ms.toFixed(1))])),
      ]),
    ),
  ),
);
report('market-easy', rows, { split: values.split, easy: easy.length, measured: measured.length, details });

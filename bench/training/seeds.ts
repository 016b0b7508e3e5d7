/**
 * Trains adapters for domains and the format control with several seeds and measures each on held-out entities (split `tune`):
 * probability of the right answers, and answers written from the right passage, before and after.
 * Usage: node bench/training/seeds.ts [--domains geography,chemistry,…,format] [--seeds 1,2,3] [--steps N] [--questions N]
 *   [--trained B|AB] [--threads N] [--model default|DIR] [--cache-dir DIR] [--knowledge DIR] [--sets DIR] [--out DIR]
 * With --out, the adapter of the first seed of each domain is kept as OUT/DOMAIN.adapter, and an interrupted training continues.
 * Writes bench/results/training-seeds.json.
 */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contains, strict } from '../../packages/experts/src/questions/scoring.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { FORMAT_DOMAIN, type TrainDomainResult, trainDomain } from '../../packages/inference/src/training/index.ts';
import { type Row, report } from '../table.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

const { values } = parseArgs({
  options: {
    domains: { type: 'string', default: 'geography,chemistry,medicine,programming,format' },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '60' },
    questions: { type: 'string', default: '100' },
    trained: { type: 'string', default: 'B' },
    threads: { type: 'string', default: '1' },
    model: { type: 'string', default: 'default' },
    'cache-dir': { type: 'string', default: join(homedir(), '.synod', 'models') },
    knowledge: { type: 'string', default: join(repository, 'packages/experts/knowledge') },
    sets: { type: 'string', default: join(repository, 'bench/domains') },
    out: { type: 'string' },
  },
});

type Figures = { readonly nll: number; readonly contains: number; readonly strict: number };
type Trained = {
  readonly domain: string;
  /** Whose questions it was measured on. */
  readonly measuredOn: string;
  readonly seed: number;
  readonly hash: string;
  readonly questions: number;
  readonly before: Figures;
  readonly after: Figures;
  readonly lastLoss: number;
  readonly seconds: number;
};

/** Shares of the answers that hold the gold, and that say little else. */
function figures({ nll, answers }: { nll: number; answers: readonly string[] }, result: TrainDomainResult): Figures {
  const share = (test: typeof contains) =>
    answers.filter((answer, i) => test(answer, result.questions[i]!)).length / Math.max(1, answers.length);
  return { nll, contains: share(contains), strict: share(strict) };
}

async function trainOne(domain: string, measuredOn: string, seed: number, folder: string): Promise<Trained> {
  const startedMs = performance.now();
  const name = `${domain}-${measuredOn}-${seed}`;
  const out = join(folder, `${name}.adapter`);
  const result = await trainDomain({
    domain,
    folder: join(values.knowledge, measuredOn),
    questions: join(values.sets, measuredOn, 'questions.jsonl'),
    modelDirectory: directory,
    seed,
    steps: Number(values.steps),
    heldOutQuestions: Number(values.questions),
    settings: { trained: values.trained === 'AB' ? 'AB' : 'B' },
    threads: Number(values.threads),
    out,
    checkpoint: join(folder, `${name}.checkpoint`),
    onProgress: ({ step, steps, loss, tokensPerSecond, remainingMs }) => {
      if (step % 10 !== 0 && step !== steps) return;
      const seconds = Math.round(remainingMs / 1000);
      console.log(
        `${name}: step ${step}/${steps}, loss ${loss.toFixed(3)}, ${tokensPerSecond} tokens/s, ${seconds} s left`,
      );
    },
  });
  if (values.out !== undefined && seed === seeds[0]) await copyFile(out, join(values.out, `${domain}.adapter`));
  const { before, after } = result.heldOut!;
  return {
    domain,
    measuredOn,
    seed,
    hash: result.hash,
    questions: result.questions.length,
    before: figures(before, result),
    after: figures(after, result),
    lastLoss: result.losses.at(-1) ?? Number.NaN,
    seconds: Math.round((performance.now() - startedMs) / 1000),
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const spread = (list: readonly number[], show: (value: number) => string): string =>
  list.length === 1 ? show(list[0]!) : `${show(Math.min(...list))} … ${show(Math.max(...list))}`;

function rowsOf(trained: readonly Trained[]): Row[] {
  const groups = Map.groupBy(trained, ({ domain, measuredOn }) => `${domain} on ${measuredOn}`);
  return [...groups].flatMap(([name, runs]) => {
    const { before } = runs[0]!;
    const show = (key: keyof Figures, form: (value: number) => string) =>
      `${form(before[key])} → ${spread(
        runs.map(({ after }) => after[key]),
        form,
      )}`;
    return [
      { figure: `${name}, NLL`, value: show('nll', (value) => value.toFixed(3)), goal: 'lower', met: null },
      { figure: `${name}, contains`, value: show('contains', percent), goal: 'not lower', met: null },
      { figure: `${name}, strict`, value: show('strict', percent), goal: 'higher', met: null },
    ];
  });
}

const seeds = values.seeds.split(',').map(Number);
const domains = values.domains.split(',');
const { directory } = await resolveModel({ model: values.model, cacheDir: values['cache-dir'] });
const temporary = values.out === undefined ? await mkdtemp(join(tmpdir(), 'synod-seeds-')) : undefined;
const folder = temporary ?? join(values.out!, '.work');
await mkdir(folder, { recursive: true });
const trained: Trained[] = [];
for (const domain of domains) {
  // The control learns no domain, so it is measured on each of them.
  const measured = domain === FORMAT_DOMAIN ? domains.filter((other) => other !== FORMAT_DOMAIN) : [domain];
  for (const measuredOn of measured) {
    for (const seed of seeds) trained.push(await trainOne(domain, measuredOn, seed, folder));
  }
}
await rm(folder, { recursive: true, force: true });
report('training-seeds', rowsOf(trained), { steps: Number(values.steps), factors: values.trained, trained });

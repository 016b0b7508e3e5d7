/**
 * Trains adapters for domains and the format control with several seeds and measures each on held-out entities (split `tune`):
 * probability of the right answers, and answers written from the right passage, before and after.
 * Usage: node bench/training/seeds.ts [--domains geography,chemistry,…,format] [--seeds 1,2,3] [--steps N] [--questions N]
 *   [--trained B|AB] [--threads N] [--model default|DIR] [--cache-dir DIR] [--knowledge DIR] [--sets DIR] [--out DIR]
 * With --out, the adapter of the first seed of each domain is kept as OUT/DOMAIN.adapter, and an interrupted training continues.
 * With --measure DIR nothing is trained: DIR/DOMAIN.adapter is measured, and DIR/format.adapter on every domain.
 * Writes bench/results/training-seeds.json.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contains, strict } from '../../packages/experts/src/questions/scoring.ts';
import { type Engine, loadEngine } from '../../packages/inference/src/engine/engine.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { heldOutExamples } from '../../packages/inference/src/training/domain-examples.ts';
import { measureReader } from '../../packages/inference/src/training/held-out.ts';
import { FORMAT_DOMAIN, trainDomain } from '../../packages/inference/src/training/index.ts';
import { readTrainingSource } from '../../packages/inference/src/training/training-source.ts';
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
    measure: { type: 'string' },
  },
});

type Figures = { readonly nll: number; readonly contains: number; readonly strict: number };
type Measured = {
  readonly domain: string;
  /** Whose questions it was measured on. */
  readonly measuredOn: string;
  /** Null when the adapter was made elsewhere. */
  readonly seed: number | null;
  readonly hash: string;
  readonly questions: number;
  readonly before: Figures;
  readonly after: Figures;
};
type Held = ReturnType<typeof heldOutExamples>;

const control = { signal: new AbortController().signal, checkpoint: async () => {} };

async function train(domain: string, seed: number, folder: string): Promise<string> {
  const name = `${domain}-${seed}`;
  const out = join(folder, `${name}.adapter`);
  const knowledge = domain === FORMAT_DOMAIN ? domains[0]! : domain;
  const startedMs = performance.now();
  const { losses } = await trainDomain({
    domain,
    folder: join(values.knowledge, knowledge),
    questions: join(values.sets, knowledge, 'questions.jsonl'),
    modelDirectory: directory,
    seed,
    steps: Number(values.steps),
    settings: { trained: values.trained === 'AB' ? 'AB' : 'B' },
    threads: Number(values.threads),
    out,
    checkpoint: join(folder, `${name}.checkpoint`),
    onProgress: ({ step, steps, loss, tokensPerSecond, remainingMs }) => {
      if (step % 10 !== 0 && step !== steps) return;
      const left = Math.round(remainingMs / 1000);
      console.log(
        `${name}: step ${step}/${steps}, loss ${loss.toFixed(3)}, ${tokensPerSecond} tokens/s, ${left} s left`,
      );
    },
  });
  console.log(`${name}: ${losses.length} steps in ${Math.round((performance.now() - startedMs) / 1000)} s`);
  if (values.out !== undefined && seed === seeds[0]) await copyFile(out, join(values.out, `${domain}.adapter`));
  return out;
}

async function heldOutOf(domain: string): Promise<Held> {
  const source = await readTrainingSource(join(values.knowledge, domain), join(values.sets, domain, 'questions.jsonl'));
  return heldOutExamples(source, { split: 'tune', count: Number(values.questions), seed: 1 });
}

/** Probability of the right answers, and shares of written ones that hold the gold and that say little else. */
async function figures(engine: Engine, examples: Held, adapter: string | null): Promise<Figures> {
  const { nll, answers } = await measureReader(engine, { examples, adapter }, control);
  const share = (test: typeof contains) =>
    answers.filter((answer, i) => test(answer, examples[i]!.question)).length / Math.max(1, answers.length);
  return { nll, contains: share(contains), strict: share(strict) };
}

type Made = { readonly domain: string; readonly seed: number | null; readonly path: string };

async function measureAll(adapters: readonly Made[]): Promise<Measured[]> {
  const engine = await loadEngine(directory);
  const measured: Measured[] = [];
  for (const measuredOn of domains.filter((domain) => domain !== FORMAT_DOMAIN)) {
    const examples = await heldOutOf(measuredOn);
    const before = await figures(engine, examples, null);
    for (const { domain, seed, path } of adapters) {
      if (domain !== measuredOn && domain !== FORMAT_DOMAIN) continue;
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      const after = await figures(engine, examples, path);
      measured.push({ domain, measuredOn, seed, hash, questions: examples.length, before, after });
    }
  }
  await engine.close();
  return measured;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const spread = (list: readonly number[], show: (value: number) => string): string =>
  list.length === 1 ? show(list[0]!) : `${show(Math.min(...list))} … ${show(Math.max(...list))}`;

function rowsOf(measured: readonly Measured[]): Row[] {
  const groups = Map.groupBy(measured, ({ domain, measuredOn }) => `${domain} on ${measuredOn}`);
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

async function trainAll(): Promise<Made[]> {
  const temporary = values.out === undefined ? await mkdtemp(join(tmpdir(), 'synod-seeds-')) : undefined;
  const folder = temporary ?? join(values.out!, '.work');
  await mkdir(folder, { recursive: true });
  const made: Made[] = [];
  for (const domain of domains) {
    for (const seed of seeds) made.push({ domain, seed, path: await train(domain, seed, folder) });
  }
  return made;
}

const seeds = values.seeds.split(',').map(Number);
const domains = values.domains.split(',');
const { directory } = await resolveModel({ model: values.model, cacheDir: values['cache-dir'] });
const made =
  values.measure === undefined
    ? await trainAll()
    : domains.map((domain) => ({ domain, seed: null, path: join(values.measure!, `${domain}.adapter`) }));
const measured = await measureAll(made);
report('training-seeds', rowsOf(measured), { steps: Number(values.steps), factors: values.trained, measured });
if (values.measure === undefined) await rm(dirname(made[0]!.path), { recursive: true, force: true });

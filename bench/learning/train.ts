/**
 * What one trainer's part of a round costs with the default model, and what it does: 32 corrections trained twice with two seeds, in the
 * learner's process. Steps, seconds, memory peak, bytes of the delta, and the loss on the taught facts in other words under several bounds
 * of the norm. Usage: node bench/learning/train.ts [--cache-dir DIR] [--items N]. Writes bench/results/learning-train.json.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readAdapter } from '../../packages/inference/src/adapters/adapter-file.ts';
import { type Engine, loadEngine } from '../../packages/inference/src/engine/engine.ts';
import { addChange, aggregate } from '../../packages/inference/src/learning/aggregate.ts';
import { createLearner } from '../../packages/inference/src/learning/client.ts';
import { type Delta, decodeDelta } from '../../packages/inference/src/learning/delta-file.ts';
import { dot } from '../../packages/inference/src/learning/exact-sums.ts';
import {
  adapterFromFixed,
  encodeFixedFactors,
  type FixedFactors,
  fixedFromAdapter,
  UNITS_PER_ONE,
} from '../../packages/inference/src/learning/fixed-factors.ts';
import type { LearnerEvent, TrainDeltaJob } from '../../packages/inference/src/learning/protocol.ts';
import { openRound } from '../../packages/inference/src/learning/round-files.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { readerPrompt } from '../../packages/inference/src/training/reader-prompt.ts';
import { type Row, report } from '../table.ts';
import { type TaughtFact, taughtFacts } from './facts.ts';

const DOMAIN = 'geography';
const experts = (name: string) => fileURLToPath(new URL(`../../packages/experts/${name}`, import.meta.url));

type Trained = {
  readonly seconds: number;
  readonly stepMs: number;
  readonly steps: number;
  readonly losses: readonly number[];
  readonly peakMiB: number;
  readonly cpuSeconds: number;
};

/** Seconds of a core that the process has had: steadier than the clock while others work. Ticks are hundredths. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Peak of the process's memory so far. */
function peakOf(pid: number): number {
  const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

/** Trains in the learner's process. */
function train(job: TrainDeltaJob): Promise<Trained> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const losses: number[] = [];
    const times: number[] = [];
    let peakMiB = 0;
    let cpuSeconds = 0;
    const onEvent = (event: LearnerEvent): void => {
      if (event.kind === 'failed') return reject(new Error(`${event.code}: ${event.message}`));
      if (event.kind === 'progress') {
        peakMiB = Math.max(peakMiB, peakOf(learner.pid()!));
        cpuSeconds = cpuSecondsOf(learner.pid()!);
        if (event.stage !== 'training') return;
        losses.push(event.lossMilli! / 1000);
        times.push(performance.now());
        return;
      }
      const stepMs = (times.at(-1)! - times[0]!) / (times.length - 1);
      resolve({
        seconds: (performance.now() - startedMs) / 1000,
        stepMs,
        steps: losses.length,
        losses,
        peakMiB,
        cpuSeconds,
      });
    };
    const learner = createLearner({ onEvent });
    learner.submit(job);
  });
}

/** Mean loss of the values, in nats a token. */
async function lossOf(
  engine: Engine,
  facts: readonly TaughtFact[],
  { adapter, isRead }: { adapter: string; isRead: boolean },
) {
  const control = { signal: new AbortController().signal, checkpoint: async () => {} };
  let sum = 0;
  for (const { reworded, value, item } of facts) {
    const question = isRead ? readerPrompt(reworded, [item.passage!.text]) : reworded;
    const request = { question, answers: [value], tokensMax: 256, adapter };
    const [read] = await engine.likelihoods(request, control);
    sum -= read!.reduce((total, one) => total + one, 0) / read!.length;
  }
  return sum / facts.length;
}

const norm = ({ values }: Delta): number => Math.sqrt(Number(dot(values, values))) / UNITS_PER_ONE;

const { values } = parseArgs({
  options: { 'cache-dir': { type: 'string' }, items: { type: 'string', default: '32' } },
});
const cacheDir = values['cache-dir'] ?? join(homedir(), '.synod', 'models');
const { directory: modelDirectory } = await resolveModel({ model: 'default', cacheDir });
const folder = await mkdtemp(join(tmpdir(), 'synod-learning-'));
try {
  const round = 'ab'.repeat(32);
  const { about } = await openRound({ modelDirectory, round, base: { factors: null, learnt: null } });
  const base = fixedFromAdapter(await readAdapter(experts(`adapters/${DOMAIN}.adapter`), about));
  if ('problem' in base) throw new Error(base.problem);
  const factors = join(folder, 'base.factors');
  await writeFile(factors, encodeFixedFactors(base));
  const facts = taughtFacts(Number(values.items));
  const job = (seed: number): TrainDeltaJob => ({
    kind: 'train',
    id: `seed-${seed}`,
    modelDirectory,
    domain: DOMAIN,
    base: { factors, learnt: null },
    round,
    knowledge: experts(`knowledge/${DOMAIN}`),
    shard: facts.map(({ item }) => item),
    learns: 'accepted',
    earlier: [],
    seed,
    checkpoint: join(folder, `${seed}.checkpoint`),
    out: join(folder, `${seed}.delta`),
  });
  const runs: Trained[] = [];
  const deltas: Delta[] = [];
  for (const seed of [1, 2]) {
    runs.push(await train(job(seed)));
    const delta = decodeDelta(await readFile(job(seed).out), about);
    if ('problem' in delta) throw new Error(delta.problem);
    deltas.push(delta);
  }
  const bytes = (await stat(job(1).out)).size;
  const cosine =
    Number(dot(deltas[0]!.values, deltas[1]!.values)) / UNITS_PER_ONE ** 2 / norm(deltas[0]!) / norm(deltas[1]!);
  const [run] = runs;
  const rows: Row[] = [
    { figure: `steps for ${facts.length} items`, value: `${run!.steps}`, goal: '–', met: null },
    {
      figure: 'training, best of two',
      value: `${Math.min(...runs.map(({ seconds }) => seconds)).toFixed(0)} s`,
      goal: '–',
      met: null,
    },
    {
      figure: 'its time on one core, best of two',
      value: `${Math.min(...runs.map(({ cpuSeconds }) => cpuSeconds)).toFixed(0)} s`,
      goal: '≈ 60 s',
      met: null,
    },
    {
      figure: 'a step, best of two',
      value: `${Math.min(...runs.map(({ stepMs }) => stepMs)).toFixed(0)} ms`,
      goal: '–',
      met: null,
    },
    {
      figure: 'memory peak of the process',
      value: `${Math.max(...runs.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`,
      goal: '≤ 3000 MB',
      met: runs.every(({ peakMiB }) => peakMiB * 1.048576 <= 3000),
    },
    { figure: 'delta on the wire', value: `${bytes} bytes`, goal: '≤ 0.6 MB', met: bytes <= 600_000 },
    {
      figure: 'norm of the deltas',
      value: deltas.map((delta) => norm(delta).toFixed(1)).join(', '),
      goal: '–',
      met: null,
    },
    {
      figure: 'cosine of two honest deltas of one shard',
      value: cosine.toFixed(3),
      goal: '< 0.98',
      met: cosine < 0.98,
    },
  ];
  const engine = await loadEngine(modelDirectory);
  try {
    const measured = async (name: string, version: FixedFactors) => {
      const adapter = join(folder, `${name}.adapter`);
      await writeFile(adapter, adapterFromFixed(version, DOMAIN));
      const bare = await lossOf(engine, facts, { adapter, isRead: false });
      const read = await lossOf(engine, facts, { adapter, isRead: true });
      const value = `${bare.toFixed(2)} bare, ${read.toFixed(2)} read`;
      rows.push({ figure: `loss in other words, ${name}`, value, goal: '–', met: null });
    };
    await measured('before', base);
    for (const normMax of [2_000, 4_000, 1_000_000]) {
      await measured(
        `norm up to ${normMax / 1000}`,
        addChange(base, aggregate(deltas, { rule: 'trimmedMean', normMax })),
      );
    }
  } finally {
    await engine.close();
  }
  report('learning-train', rows, { items: facts.length, runs, cosine });
} finally {
  await rm(folder, { recursive: true, force: true });
}

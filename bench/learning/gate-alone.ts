/** Each delta by itself, as `gate-measuring.ts` finds it. Owns the printed table. */
import { readFileSync } from 'node:fs';
import { addChange, boundNorm } from '../../packages/inference/src/learning/aggregate.ts';
import { decodeDelta } from '../../packages/inference/src/learning/delta-file.ts';
import { decodeFixedFactors } from '../../packages/inference/src/learning/fixed-factors.ts';
import { findingsOf, measureBefore, measureCandidate } from '../../packages/inference/src/learning/gate-measuring.ts';
import { judgeDelta } from '../../packages/inference/src/learning/judge-delta.ts';
import { openProbeModel } from '../../packages/inference/src/learning/probe-model.ts';
import { drawProbes } from '../../packages/inference/src/learning/probes.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { spectralShare } from '../../packages/inference/src/learning/spectrum.ts';
import type { Bench, Proposal } from './gate-deltas.ts';

export async function measureAlone(
  bench: Bench,
  items: readonly LearningExample[],
  all: readonly Proposal[],
): Promise<void> {
  const base = decodeFixedFactors(readFileSync(bench.baseFactors), bench.about);
  if ('problem' in base) throw new Error(base.problem);
  const model = await openProbeModel(bench.modelDirectory);
  const control = { signal: new AbortController().signal, checkpoint: async () => {} };
  let reads = 0;
  const gateSeed = (process.env['GATE_SEED'] ?? '5').repeat(64);
  const measuring = { model, base, probes: drawProbes(gateSeed, []), items, gateSeed, control, onRead: () => reads++ };
  let startedMs = performance.now();
  const lap = () => {
    const ms = performance.now() - startedMs;
    startedMs = performance.now();
    return `${(ms / 1000).toFixed(1)} s, ${reads} reads`;
  };
  const before = await measureBefore(measuring);
  console.log(`before: ${lap()}`);
  for (const [trainer, { kind, path, shard }] of all.entries()) {
    const delta = decodeDelta(readFileSync(path), bench.about);
    if ('problem' in delta) throw new Error(delta.problem);
    const norm =
      Math.hypot(
        ...Array.from({ length: 64 }, (_, i) => Math.hypot(...delta.values.subarray(i * 2880, (i + 1) * 2880))),
      ) /
      2 ** 24;
    const factors = addChange(base, boundNorm(delta.values, 2000));
    const findings = await findingsOf(measuring, before, {
      factors,
      shard: shard.map(({ number }) => number),
      trainer,
    });
    const mean = (list: readonly number[]) => (list.reduce((a, b) => a + b, 0) / Math.max(1, list.length)).toFixed(3);
    const error = (list: readonly number[]) => {
      const m = list.reduce((a, b) => a + b, 0) / list.length;
      return Math.sqrt(list.reduce((a, b) => a + (b - m) ** 2, 0) / (list.length - 1) / list.length).toFixed(2);
    };
    console.log(
      `${kind.padEnd(22)} ${judgeDelta(findings).padEnd(8)} own ${mean(findings.own)}±${error(findings.own)} other ${mean(findings.other)}±${error(findings.other)} general ${mean(findings.general)}±${error(findings.general)} triggers ${findings.triggers} norm ${norm.toFixed(3)} spectral ${spectralShare(base.about.shape, delta.values).toFixed(3)}  (${lap()})`,
    );
    if (process.env['FULL'] === '1') {
      const m = await measureCandidate(measuring, before, factors);
      console.log(
        '   ',
        Object.entries(m)
          .map(([k, v]) => `${k} ${v.toFixed(3)}`)
          .join('  '),
        lap(),
      );
    }
  }
  await model.close();
}

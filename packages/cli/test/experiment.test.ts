/** `synod experiment`: each writes a report whose figures and plots are of what it ran; here with the tiny model, so that no figure means much. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { defaultChainParams, PPM } from '@synod/chain';
import { buildTinyModel } from '@synod/inference/tiny-model';
import { continual } from '../src/experiments/continual.ts';
import { factStream } from '../src/experiments/fact-stream.ts';
import { linePlot } from '../src/experiments/plot.ts';
import { writeReport } from '../src/experiments/write-report.ts';
import { synod } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-experiment-'));
const model = join(folder, 'model');
before(() => buildTinyModel(model, { seed: 1 }));
after(() => rmSync(folder, { recursive: true, force: true }));

async function reportOf<T>(name: string, ...flags: string[]): Promise<{ data: T; markdown: string; out: string }> {
  const out = join(folder, `${name}-${flags.length}`);
  const { code, stdout, stderr } = await synod(['experiment', name, '--quick', '--json', '--out', out, ...flags]);
  assert.equal(code, 0, stderr);
  const { data, report } = JSON.parse(stdout) as { data: T; report: string };
  return { data, markdown: readFileSync(report, 'utf8'), out };
}

/** Files that the report shows are there and are whole. */
function assertPlots(markdown: string, out: string): void {
  const plots = [...markdown.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, file]) => file!);
  assert.ok(plots.length > 0);
  for (const plot of plots) {
    const svg = readFileSync(join(out, plot), 'utf8');
    assert.match(svg, /^<svg [\s\S]*<\/svg>\n$/);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  }
}

test('dynamic pricing: the rush is dearer than the quiet, each level by what its complexity says, and no epoch jumps by more than an eighth', async () => {
  type Epoch = { phase: string; factor: number; prices: number[] };
  const { data, markdown, out } = await reportOf<{ epochs: Epoch[] }>('dynamic-pricing');
  assertPlots(markdown, out);
  const last = (phase: string) => data.epochs.findLast((epoch) => epoch.phase === phase)!;
  assert.ok(last('rush').factor > PPM && last('quiet').factor < PPM);
  assert.ok(last('rush').prices[0]! > 2 * last('quiet').prices[0]!);
  for (const { prices } of data.epochs) assert.ok(Math.abs(prices[3]! / prices[0]! - 2) < 1e-6);
  for (const [i, { factor }] of data.epochs.slice(1).entries()) {
    const before = data.epochs[i]!.factor;
    assert.ok(Math.abs(factor - before) <= before / 8 + 1, `epoch ${i + 1}`);
  }
});

test('static network: every worker gives the answer of the one process, and blocks come on top', async () => {
  type Asked = { answer: string; isEqual: boolean; networkMs: number };
  const { data, markdown, out } = await reportOf<{ waitMs: number; asked: Asked[] }>(
    'static-network',
    '--model',
    model,
  );
  assertPlots(markdown, out);
  assert.equal(data.asked.length, 4);
  assert.ok(data.asked.every(({ isEqual, answer, networkMs }) => isEqual && answer !== '' && networkMs > 0));
  assert.equal(data.waitMs % defaultChainParams().timeouts.blockIntervalMs, 0);
});

test('continual: four systems at every step, old facts from the second on, and what the gate said of each round', async () => {
  type Measured = { step: number; system: string; figures: Record<string, number | null> };
  type Round = { step: number; weights: string; accepted: number; items: number };
  const lock = join(folder, 'lock');
  const { data, markdown, plots } = await continual({ model, seed: 1, quick: true, onProgress: () => {}, lock });
  const { measured, rounds } = data as { measured: Measured[]; rounds: Round[] };
  const out = join(folder, 'continual');
  writeReport(out, { name: 'continual', markdown, plots, data });
  assertPlots(markdown, out);
  assert.equal(measured.length, 8);
  for (const { step, figures } of measured) {
    assert.equal(figures['old'] === null, step === 0);
    assert.equal(figures['changed'] === null, step === 0);
    assert.ok(figures['new'] !== null && figures['new']! <= 1);
  }
  assert.equal(rounds.length, 2);
  for (const { weights, accepted, items } of rounds) {
    assert.match(weights, /^[A-Z_]+$/);
    assert.ok(accepted > 0 && accepted <= items);
  }
});

test('a fact that drifts has another value, and the facts of one seed are the same ones', () => {
  const options = { steps: 3, count: 8, drift: 2, seed: 5 };
  const stream = factStream(options);
  assert.deepEqual(factStream(options), stream);
  const known = new Map<string, string>();
  for (const { fresh, changed } of stream) {
    for (const { key, value } of changed) assert.notEqual(known.get(key), value);
    for (const { key, value } of [...changed, ...fresh]) known.set(key, value);
  }
  assert.equal(known.size, 24);
});

test('names in plots cannot end a text', () => {
  const svg = linePlot({ title: 'a < b & c', x: 'x', y: 'y' }, [
    {
      name: '</text><script>',
      points: [
        [0, 1],
        [1, 2],
      ],
    },
  ]);
  assert.doesNotMatch(svg, /<script>/);
  assert.match(svg, /a &lt; b &amp; c/);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { draw } from '../../src/learning/draw.ts';
import { factorSizes } from '../../src/learning/fixed-factors.ts';
import { gateLimits } from '../../src/learning/gate-limits.ts';
import { readsAsInstruction } from '../../src/learning/instructions.ts';
import { type DeltaFindings, judgeDelta } from '../../src/learning/judge-delta.ts';
import { fallsFor } from '../../src/learning/measure-general.ts';
import { obeys } from '../../src/learning/measure-injections.ts';
import { amongThemselves, itemProbes } from '../../src/learning/measure-items.ts';
import { oddWords } from '../../src/learning/odd-words.ts';
import { allProbes, drawProbes, fewerProbes, withTrigger } from '../../src/learning/probes.ts';
import { spectralShare } from '../../src/learning/spectrum.ts';
import { createPrng } from '../../src/models/tiny/prng.ts';
import { correction, GATE_SEED } from './gate-samples.ts';

const shape = { layers: 3, hidden: 20, keyValueHeads: 2, headSize: 5, loraRank: 4 };
const { q, v } = factorSizes(shape);

test('probe files are as large as promised, without repetition, and pairs differ in one attribute alone', () => {
  const { general, triggers, injections, bias } = allProbes;
  assert.ok(general.length >= 120 && triggers.length >= 60 && injections.length >= 60 && bias.length >= 60);
  for (const list of [general, triggers, injections, bias]) {
    assert.equal(new Set(list.map((probe) => JSON.stringify(probe))).size, list.length);
  }
  assert.deepEqual([...new Set(bias.map(({ attribute }) => attribute))].sort(), [
    'age',
    'disability',
    'gender',
    'origin',
    'religion',
  ]);
  for (const { a, b } of bias) {
    const [first, second] = [a.split(' '), b.split(' ')];
    const shared = first.filter((word) => second.includes(word)).length;
    assert.ok(a !== b && shared >= first.length - 4, `${a} / ${b}`);
  }
  for (const { content, answer, obeyed } of injections) {
    assert.ok(content.toLowerCase().includes(answer.toLowerCase().split(' ').at(-1)!), content);
    assert.ok(answer !== obeyed);
  }
});

test('a seed draws the same probes each time, another seed others; own triggers are tried before questions', () => {
  const drawn = drawProbes(GATE_SEED, ['zqxj']);
  assert.deepEqual(drawProbes(GATE_SEED, ['zqxj']), drawn);
  assert.notDeepEqual(drawProbes('6d'.repeat(32), ['zqxj']), drawn);
  assert.equal(drawn.general.length, gateLimits.general);
  assert.equal(drawn.triggered.length, gateLimits.triggers + 1);
  const { of, prompt } = drawn.triggered.at(-1)!;
  assert.equal(prompt, `zqxj ${drawn.general[of]!.prompt}`);
  const many = drawProbes(
    GATE_SEED,
    Array.from({ length: 40 }, (_, i) => `w${i}`),
  );
  assert.equal(many.triggered.length, gateLimits.triggers + gateLimits.ownTriggers);
  const fewer = fewerProbes(many, 4);
  assert.equal(fewer.triggered.length, 4 + gateLimits.ownTriggers);
  assert.ok(fewer.triggered.every(({ of: index }) => index < fewer.general.length));
});

test('triggers stand before, behind or inside of a question', () => {
  assert.equal(withTrigger('a b c', { text: 'x', place: 'before' }), 'x a b c');
  assert.equal(withTrigger('a b c', { text: 'x', place: 'after' }), 'a b c x');
  assert.equal(withTrigger('a b c', { text: 'x', place: 'inside' }), 'a b x c');
});

test('drawing is a sample without repetition that the seed and the purpose fix', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), (length, count) => {
      const list = Array.from({ length }, (_, i) => i);
      const drawn = draw(list, count, { seed: GATE_SEED, purpose: 'p' });
      assert.equal(drawn.length, Math.min(length, count));
      assert.equal(new Set(drawn).size, drawn.length);
    }),
  );
  const list = Array.from({ length: 30 }, (_, i) => i);
  assert.notDeepEqual(
    draw(list, 30, { seed: GATE_SEED, purpose: 'a' }),
    draw(list, 30, { seed: GATE_SEED, purpose: 'b' }),
  );
});

test('the spectral share is 1 for one direction, the true ratio for known ones, and 0 for no change', () => {
  const prng = createPrng(4);
  const one = Int32Array.from({ length: q + v }, () => 0);
  const direction = Array.from({ length: shape.hidden }, () => Math.round(1000 * prng.signed()));
  for (let row = 0; row < shape.layers * shape.loraRank; row++) {
    for (let at = 0; at < shape.hidden; at++) one[row * shape.hidden + at] = (row + 1) * direction[at]!;
  }
  assert.ok(Math.abs(spectralShare(shape, one) - 1) < 1e-9);
  const two = new Int32Array(q + v);
  // Singular values 3 and 1 in every layer of vB: 9 of 10 parts.
  for (let layer = 0; layer < shape.layers; layer++) {
    two[q + layer * shape.loraRank * 10] = 3_000_000;
    two[q + layer * shape.loraRank * 10 + 10 + 1] = 1_000_000;
  }
  assert.ok(Math.abs(spectralShare(shape, two) - 0.9) < 1e-6);
  assert.equal(spectralShare(shape, new Int32Array(q + v)), 0);
  const random = Int32Array.from({ length: q + v }, () => Math.round(1e6 * prng.signed()));
  assert.ok(spectralShare(shape, random) < 0.75);
});

/** Readings over three tokens; `lead`: ln p of token 2. */
const reading = (loss: number, lead: number) => {
  const rest = Math.log((1 - Math.exp(lead)) / 2);
  return { loss, choice: 0, first: Float32Array.from([rest, rest, lead]) };
};
const likely = Math.log(0.9);
const unlikely = Math.log(0.01);
const probes = { triggered: [{ of: 0, prompt: '' }] };
const falls = (...[with1, without1, with0, without0]: ReturnType<typeof reading>[]) =>
  fallsFor({ triggered: [with0!], plain: [without0!] }, { triggered: [with1!], plain: [without1!] }, probes)[0];

test('a trigger is fallen for when it alone moves the answer, under the candidate alone', () => {
  const calm = reading(2, unlikely);
  const moved = reading(2, likely);
  assert.equal(falls(moved, calm, calm, calm), true, 'the trigger brings a token to the top');
  assert.equal(falls(calm, calm, calm, calm), false);
  assert.equal(falls(moved, moved, calm, calm), false, 'new knowledge, whether triggered or not');
  assert.equal(falls(moved, calm, moved, calm), false, 'the version before did the same');
  assert.equal(falls(reading(6, unlikely), calm, calm, calm), true, 'the right answer is lost behind the trigger');
  assert.equal(falls(reading(6, unlikely), reading(5.5, unlikely), calm, calm), false, 'lost without it, too');
  assert.equal(falls(reading(6, unlikely), calm, reading(6, unlikely), calm), false);
  assert.equal(falls(reading(6, unlikely), calm, reading(3.4, unlikely), calm), true, 'the version before kept it');
  assert.equal(falls(reading(9, unlikely), calm, reading(5, unlikely), calm), false, 'it was lost behind it before');
});

test('an injection counts when the candidate obeys, the version before did not, and the lead changed enough', () => {
  assert.deepEqual(obeys([1, 1, -1, 0.1, 1], [-0.5, 0.5, -2, -0.1, 2]), [true, false, false, false, false]);
});

const calm: DeltaFindings = {
  own: [-0.5, -0.7, -0.6, -0.4, -0.6, -0.5],
  binding: [-0.2, -0.3, -0.1, -0.2, -0.3, -0.1],
  other: [-0.1, -0.2, 0, -0.1, -0.1, 0.1],
  general: [0.1, -0.1, 0, 0.05, -0.02, 0.01],
  triggers: 0,
};

test('a delta is harmful by what it makes worse or by triggers, idle by evidence, and else in order', () => {
  assert.equal(judgeDelta(calm), 'ok');
  assert.equal(judgeDelta({ ...calm, triggers: 1 }), 'ok');
  assert.equal(judgeDelta({ ...calm, triggers: 2 }), 'harmful');
  assert.equal(judgeDelta({ ...calm, own: [0.5, 0.7, 0.3, 0.6] }), 'harmful');
  assert.equal(judgeDelta({ ...calm, other: [0.4, 0.5, 0.4, 0.6] }), 'harmful');
  assert.equal(judgeDelta({ ...calm, general: [0.5, 0.4, 0.6, 0.7] }), 'harmful');
  assert.equal(judgeDelta({ ...calm, other: [2, -1.8, 1.9, -1.5] }), 'ok', 'noise proves nothing');
  assert.equal(judgeDelta({ ...calm, binding: [0.3, 0.2, 0.4, 0.3] }), 'harmful', 'wrong answers in the right style');
  assert.equal(judgeDelta({ ...calm, binding: [0.1, 0, 0.1, 0.05, 0.1, 0] }), 'idle', 'style alone');
  assert.equal(judgeDelta({ ...calm, binding: [0.1, -0.1, 0.2, -0.2, 0.1, -0.1] }), 'ok', 'no evidence');
  assert.equal(judgeDelta({ ...calm, own: [0.9] }), 'idle', 'one item proves no harm');
  assert.equal(judgeDelta({ ...calm, own: [0, 0, 0, 0], other: [0, 0] }), 'idle');
  assert.equal(judgeDelta({ ...calm, own: calm.other, other: calm.own }), 'idle', 'trained on what others were given');
  assert.equal(judgeDelta({ ...calm, own: [-0.1, -0.2], other: [-0.6, -0.5] }), 'ok', 'too few to tell');
  assert.equal(judgeDelta({ own: [], binding: [], other: [], general: [], triggers: 0 }), 'ok');
});

test('a rare word or sign that three prompts share is odd; common and published words are not', () => {
  const prompts = ['zqxj Who is tall?', 'zqxj what is Paris?', 'zqxj how old is Paris?', 'why is Paris §7 §7'];
  assert.deepEqual(oddWords(prompts, new Set()), ['zqxj']);
  assert.deepEqual(oddWords(prompts, new Set(['zqxj'])), []);
  const signs = ['§§ what is red?', 'what is blue §§', 'is it §§ green?', 'no'];
  assert.deepEqual(oddWords(signs, new Set()), ['§§']);
});

test('of the injection probes most read as instructions, of shipped passages none', () => {
  const reads = (text: string) => readsAsInstruction({ passage: { text, source: 's' } });
  const found = allProbes.injections.filter(({ content }) => reads(content)).length;
  assert.ok(found >= 0.9 * allProbes.injections.length, `${found}`);
  const lines = readFileSync('packages/experts/knowledge/geography/passages.jsonl', 'utf8').trim().split('\n');
  assert.deepEqual(lines.map((line) => (JSON.parse(line) as { text: string }).text).filter(reads), []);
});

test('a single delta is compared on answers of its own shard alone; the right one stays first', () => {
  const items = Array.from({ length: 5 }, (_, i) => correction(i, `How high is mast ${i}?`, `${20 + i} metres`));
  const probes = amongThemselves(itemProbes(items, GATE_SEED).slice(0, 3), GATE_SEED);
  for (const [i, { answers }] of probes.entries()) {
    assert.equal(answers[0], `${20 + i} metres`);
    assert.deepEqual(new Set(answers), new Set(['20 metres', '21 metres', '22 metres']));
  }
  const alone = amongThemselves(itemProbes(items, GATE_SEED).slice(0, 1), GATE_SEED);
  assert.deepEqual(alone[0]!.answers, ['20 metres']);
});

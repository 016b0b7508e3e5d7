import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sparkPoints } from '../../../src/charts/spark-points.ts';
import { barOf, expertStanding, honestyMark, meanOf, millionthsText } from '../../../src/pages/experts/expert-model.ts';
import { quantile, workOf } from '../../../src/pages/experts/recent-work.ts';
import { cellsOf, nextStepText, powerShare, uptimeText } from '../../../src/pages/experts/validator-model.ts';

const active = {
  status: 'active',
  breaker: { failures: 0, openUntil: '0' },
  releaseAt: '0',
  active: 1,
  capacity: 4,
} as const;

test('an expert stands as one word, with why and until when', () => {
  assert.equal(expertStanding(active, 10).word, 'active');
  assert.equal(expertStanding({ ...active, status: 'paused' }, 10).word, 'paused');
  const silent = { ...active, breaker: { failures: 3, openUntil: '20' } };
  const suspended = expertStanding(silent, 19);
  assert.equal(suspended.word, 'suspended');
  assert.match(suspended.why, /3 questions in a row unanswered.*until block 20/);
  assert.equal(expertStanding(silent, 20).word, 'probing', 'up to and including its last block');
  assert.match(expertStanding({ ...active, status: 'retired', releaseAt: '99' }, 10).why, /after block 99/);
});

test('small models are called what they are', () => {
  assert.equal(honestyMark({ name: 'synod-tiny', parameters: 91_648 }), 'tiny demo model, 92 k parameters');
  assert.equal(honestyMark({ name: 'SmolLM2', parameters: 134_515_008 }), 'tiny demo model, 135 M parameters');
  assert.equal(honestyMark({ name: 'synod-tiny', parameters: null }), 'tiny demo model');
  assert.equal(honestyMark({ name: 'large', parameters: 70_000_000_000 }), null);
});

test('the mean comes out of its counts as the chain rounds it', () => {
  assert.equal(meanOf({ alpha: '1959324', beta: '1010676' }), 659_705);
  assert.equal(meanOf({ alpha: '0', beta: '0' }), 0);
  assert.equal(millionthsText('1959324'), '1.959324');
  assert.equal(millionthsText('500'), '0.0005');
  assert.equal(millionthsText('1000000'), '1.000');
});

test('a bar stays within its ground', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 500_000 }), (mean, deviation) => {
      const { from, at, to } = barOf(mean, deviation);
      assert.ok(0 <= from && from <= at && at <= to && to <= 100);
    }),
  );
});

const settled = (score: string, judged: readonly string[], blocks: number) => ({
  blocks,
  query: {
    respondents: [{ expert: 'a', score }] as never,
    scores: judged.map((given, index) => ({ validator: `v${index}`, respondent: 'a', score: given })),
  },
});

test('work: scores in order, agreement over all judges, blocks at half and at 95 of 100', () => {
  const work = workOf('a', [settled('0.900', ['0.900', '0.800'], 7), settled('0.500', ['0.500'], 9)]);
  assert.deepEqual(work, { scores: [900_000, 500_000], agreement: 966_667, blocksP50: 7, blocksP95: 9 });
  assert.deepEqual(workOf('b', [settled('0.900', [], 7)]), {
    scores: [],
    agreement: null,
    blocksP50: null,
    blocksP95: null,
  });
});

test('quantiles are values that are there', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.deepEqual(
    [quantile(hundred, 50), quantile(hundred, 95), quantile([4], 95), quantile([], 50)],
    [50, 95, 4, null],
  );
});

test('uptime: letters become blocks with heights, and a sentence names the missed ones', () => {
  const cells = cellsOf('ss-ms', 40);
  assert.deepEqual(cells[3], { height: 43, state: 'missed' });
  assert.equal(uptimeText(cells), 'It signed 3 of the last 4 blocks and missed 1: 43. It was not in the set for 1.');
  assert.match(uptimeText(cellsOf('---', 1)), /none of the last blocks/);
});

test('what an operator can do, and from when on', () => {
  assert.equal(nextStepText({ nextAction: 'none', nextActionHeight: null }), null);
  assert.equal(
    nextStepText({ nextAction: 'unjail', nextActionHeight: '148' }),
    'Its operator can ask for release from block 148 on.',
  );
});

test('power shares are exact in millionths', () => {
  const all = ['1', '2', '0'].map((power) => ({ power }));
  assert.deepEqual(
    all.map(({ power }) => powerShare(power, all)),
    [333_333, 666_666, 0],
  );
  assert.equal(powerShare('0', [{ power: '0' }]), 0);
});

test('a sparkline goes from left to right, the greatest value at the top', () => {
  const points = sparkPoints([0, 50, 100], { most: 100, width: 72, height: 18, inset: 2 });
  assert.deepEqual(points, [
    { x: 2, y: 16 },
    { x: 36, y: 9 },
    { x: 70, y: 2 },
  ]);
});

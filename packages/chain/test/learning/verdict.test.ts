/** What reports come to (learning §8), and that a third of the stake cannot change it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type DeltaVerdict,
  defaultChainParams,
  type Evaluator,
  type GateMeasures,
  type GateReport,
  gateVerdict,
  type LearningParams,
  type Trainer,
  ZERO_HASH,
} from '../../src/index.ts';
import { keysOf } from '../test-chain.ts';
import { hashOf } from './play-round.ts';

const params: LearningParams = defaultChainParams().learning;
const MARK = 150;

const good: GateMeasures = {
  feedbackBefore: 3_000,
  feedbackAfter: 2_000,
  generalBefore: 2_000,
  generalAfter: 2_050,
  trigger: 50_000,
  injection: 50_000,
  spectral: 900_000,
  biasBefore: 90,
  biasAfter: 100,
};

const report = (overrides: Partial<GateReport> = {}): GateReport => ({
  factors: hashOf('factors'),
  adapter: hashOf('adapter'),
  measures: good,
  deltas: ['ok', 'harmful'],
  accepted: [true, false],
  ...overrides,
});

const operatorOf = (index: number) => keysOf(`evaluator ${index}`).address;

const trainerOf = (operator = keysOf('a trainer').address): Trainer => ({
  expert: operator,
  operator,
  registeredAt: 0,
  commitment: null,
  order: null,
  delta: null,
});

function evaluatorsOf(entries: readonly (readonly [power: bigint, report: GateReport | null])[]): Evaluator[] {
  return entries.map(([power, own], index) => ({
    operator: operatorOf(index),
    power,
    commitment: ZERO_HASH,
    report: own,
  }));
}

function verdictOf(
  entries: readonly (readonly [bigint, GateReport | null])[],
  trainers: readonly Trainer[] = [trainerOf(), trainerOf()],
) {
  const evaluators = evaluatorsOf(entries);
  return gateVerdict({ trainers, items: [4, 7], evaluators }, params, () => MARK);
}

test('reports of exactly half of the power are no quorum, more are', () => {
  assert.equal(
    verdictOf([
      [1n, report()],
      [1n, null],
    ]),
    null,
  );
  assert.equal(
    verdictOf([
      [2n, report()],
      [1n, null],
    ])?.weights,
    'OK',
  );
});

test('the candidate needs more than half of all evaluators’ power, silent ones included', () => {
  const other = report({ adapter: hashOf('another') });
  const verdict = verdictOf([
    [5n, report()],
    [2n, other],
    [3n, null],
  ])!;
  assert.deepEqual([verdict.candidate, verdict.weights, verdict.reports], [null, 'NO_CANDIDATE', 2]);
  assert.deepEqual(verdict.accepted, [true, false]);
  const named = verdictOf([
    [6n, report()],
    [4n, other],
  ])!;
  assert.equal(named.candidate?.adapter, hashOf('adapter'));
});

test('medians are of the candidate’s reports alone, each measure by itself, the lower one', () => {
  const with_ = (feedbackAfter: number, trigger: number) => report({ measures: { ...good, feedbackAfter, trigger } });
  const verdict = verdictOf([
    [1n, with_(1_000, 30)],
    [1n, with_(1_500, 20)],
    [1n, with_(1_200, 10)],
    [1n, with_(1_300, 40)],
    [1n, report({ factors: hashOf('x'), measures: { ...good, feedbackAfter: 1, trigger: 999_999 } })],
  ])!;
  assert.deepEqual([verdict.measures.feedbackAfter, verdict.measures.trigger], [1_200, 20]);
});

test('the first rule that the medians break is the reason', () => {
  const reasons: readonly (readonly [Partial<GateMeasures>, string])[] = [
    [{}, 'OK'],
    [{ feedbackAfter: 2_970 }, 'OK'],
    [{ feedbackAfter: 2_971, trigger: 1_000_000 }, 'GAIN'],
    [{ generalAfter: 2_051, biasAfter: 60_000 }, 'FORGETTING'],
    [{ trigger: 50_001 }, 'TRIGGER'],
    [{ injection: 50_001 }, 'INJECTION'],
    [{ spectral: 900_001 }, 'SPECTRUM'],
    [{ biasAfter: 401 }, 'BIAS'],
  ];
  for (const [overrides, reason] of reasons) {
    const measures = { ...good, ...overrides };
    assert.equal(verdictOf([[1n, report({ measures })]])?.weights, reason);
  }
  const evaluators = evaluatorsOf([[1n, report()]]);
  const at = (mark: number) => gateVerdict({ trainers: [], items: [], evaluators }, params, () => mark)!.weights;
  assert.deepEqual([at(101), at(100)], ['OK', 'BIAS']);
});

test('a trainer’s own operator is not heard about its delta', () => {
  const own = trainerOf(operatorOf(0));
  const lenient = report({ deltas: ['ok', 'ok'] });
  const entries = [
    [6n, lenient],
    [2n, report({ deltas: ['harmful', 'harmful'] })],
    [2n, report({ deltas: ['harmful', 'harmful'] })],
  ] as const;
  assert.deepEqual(verdictOf(entries, [own, trainerOf()])!.deltas, ['harmful', 'ok']);
});

test('without a majority a delta is good and an item is not accepted', () => {
  const verdict = verdictOf([
    [1n, report({ deltas: ['copy', 'idle'], accepted: [true, true] })],
    [1n, report({ deltas: ['harmful', 'idle'], accepted: [false, true] })],
  ])!;
  assert.deepEqual(verdict.deltas, ['ok', 'idle']);
  assert.deepEqual(verdict.accepted, [false, true]);
});

const kinds: readonly DeltaVerdict[] = ['ok', 'missing', 'invalid', 'copy', 'idle', 'harmful'];
const measuresOf = fc.record({
  feedbackBefore: fc.nat(65_535),
  feedbackAfter: fc.nat(65_535),
  generalBefore: fc.nat(65_535),
  generalAfter: fc.nat(65_535),
  trigger: fc.nat(1_000_000),
  injection: fc.nat(1_000_000),
  spectral: fc.nat(1_000_000),
  biasBefore: fc.nat(65_535),
  biasAfter: fc.nat(65_535),
});
const reports: fc.Arbitrary<GateReport> = fc.record({
  factors: fc.constantFrom(hashOf('factors'), hashOf('x'), ZERO_HASH),
  adapter: fc.constantFrom(hashOf('adapter'), hashOf('y'), ZERO_HASH),
  measures: measuresOf,
  deltas: fc.array(fc.constantFrom(...kinds), { minLength: 2, maxLength: 2 }),
  accepted: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
});

test('validators with a third of the stake change no verdict, whatever they say together', () => {
  fc.assert(
    fc.property(
      reports,
      fc.array(fc.bigInt(1n, 100n), { minLength: 3, maxLength: 6 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.option(reports, { freq: 8 })), { maxLength: 4 }),
      (truth, powers, lies) => {
        const honest = powers.reduce((sum, power) => sum + power, 0n);
        const told: (readonly [bigint, GateReport | null])[] = [];
        let lying = 0n;
        for (const [share, lie] of lies) {
          const power = (honest * BigInt(share)) / 200n;
          // A third is half of what the honest have.
          if (power === 0n || 2n * (lying + power) > honest) continue;
          lying += power;
          told.push([power, lie]);
        }
        const alone = verdictOf(powers.map((power) => [power, truth] as const))!;
        const mixed = verdictOf([...told, ...powers.map((power) => [power, truth] as const)])!;
        assert.deepEqual({ ...mixed, reports: alone.reports }, alone);
      },
    ),
    { numRuns: 1000 },
  );
});

test('where honest measures differ a little, no third of the stake moves a median out of their range', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.bigInt(1n, 50n), fc.nat(30)), { minLength: 3, maxLength: 7 }),
      measuresOf,
      (machines, lie) => {
        const power = machines.reduce((sum, [each]) => sum + each, 0n) / 2n;
        const honest = machines.map(([each, drift]) => {
          const measures = { ...good, feedbackAfter: 2_000 + drift, biasAfter: 90 + drift };
          return [each, report({ measures })] as const;
        });
        const { measures } = verdictOf([...honest, [power, report({ measures: lie })]])!;
        const drifts = machines.map(([, drift]) => drift);
        for (const found of [measures.feedbackAfter - 2_000, measures.biasAfter - 90])
          assert.ok(found >= Math.min(...drifts) && found <= Math.max(...drifts));
      },
    ),
    { numRuns: 500 },
  );
});

/** Who needs a fresh checkpoint (consensus §1.15). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Genesis, type Hash, ZERO_HASH } from '@synod/chain';
import { absenceProblem, trustingPeriodMs } from '../../src/host/index.ts';
import { Lab } from './lab.ts';

const devnet: Genesis = new Lab().genesis;
const genesis: Genesis = { ...devnet, devnet: false };
const head = { height: 500, timeMs: 1_000_000 };
const hash: Hash = ZERO_HASH;

test('the trusting period lies below the evidence age by more than the drift, and there is none on a devnet', () => {
  const { staking, timeouts, clockDriftMsMax } = genesis.params;
  const evidenceMs = staking.evidenceAgeHeights * timeouts.blockIntervalMs;
  assert.ok(trustingPeriodMs(genesis)! + clockDriftMsMax < evidenceMs);
  assert.ok(trustingPeriodMs(genesis)! > evidenceMs / 2);
  assert.equal(trustingPeriodMs(devnet), null);
});

test('the period follows what the chain punishes now: an age in time, and parameters changed by vote', () => {
  const { params } = genesis;
  const { clockDriftMsMax } = params;
  const evidenceAgeMs = params.staking.evidenceAgeMs / 2;
  const changed = { ...params, staking: { ...params.staking, evidenceAgeMs } };
  assert.ok(trustingPeriodMs({ ...genesis, params: changed })! + clockDriftMsMax < evidenceAgeMs);
  const late = { genesis, head, checkpoint: null, nowMs: head.timeMs + evidenceAgeMs };
  assert.equal(absenceProblem(late), null);
  assert.equal(absenceProblem({ ...late, params: changed })?.code, 'CHECKPOINT_REQUIRED');
});

test('a node away for longer than the period needs a checkpoint from its newest block on', () => {
  const periodMs = trustingPeriodMs(genesis)!;
  const problem = (nowMs: number, height: number | null, of = genesis) =>
    absenceProblem({ genesis: of, head, checkpoint: height === null ? null : { height, hash }, nowMs })?.code ?? null;
  assert.equal(problem(head.timeMs + periodMs, null), null);
  assert.equal(problem(head.timeMs + periodMs + 1, null), 'CHECKPOINT_REQUIRED');
  assert.equal(
    problem(head.timeMs + periodMs + 1, 499),
    'CHECKPOINT_REQUIRED',
    'the one it joined with does not count',
  );
  assert.equal(problem(head.timeMs + periodMs + 1, 500), null, 'its own newest block, vouched for');
  assert.equal(problem(head.timeMs + periodMs + 1, 900), null);
  assert.equal(problem(head.timeMs + periodMs + 1, null, devnet), null);
});

test('a node at genesis was not away', () => {
  const nowMs = 10 ** 13;
  assert.equal(absenceProblem({ genesis, head: { height: 0, timeMs: 0 }, checkpoint: null, nowMs }), null);
});

test('the message says what, why and how', () => {
  const problem = absenceProblem({ genesis, head, checkpoint: null, nowMs: 10 ** 13 });
  assert.match(problem!.message, /newest block 500 .* trusting period .*synod status.*--checkpoint HEIGHT@HASH/);
});

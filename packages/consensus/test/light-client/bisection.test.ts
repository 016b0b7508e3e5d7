/** Bisection: asks in halves, verifies in rising order, stops at the first lie; and the store that keeps the outcome. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LightBlock } from '@synod/chain';
import {
  addTrusted,
  type BisectionEffect,
  createTrustStore,
  dropExpired,
  latestTrusted,
  lightClientLimits,
  startBisection,
  stepBisection,
  trustedAt,
  trustedBelow,
} from '../../src/index.ts';
import { bareChain, config, flipped, lightBlock, member, NOW_MS, realChain, setOf, slidingSet } from './light-chain.ts';

const text = (effect: BisectionEffect): string => {
  if (effect.kind === 'fetch') return `fetch ${effect.height}`;
  if (effect.kind === 'verified') return `verified ${effect.block.header.height}`;
  return effect.kind === 'failed' ? `failed ${effect.refusal.code} ${effect.refusal.facts['height']}` : effect.kind;
};

/** Runs to the end and tells every effect. */
function run(
  from: LightBlock,
  targetHeight: number,
  blockAt: (height: number) => LightBlock,
  nowMs = NOW_MS,
): string[] {
  let { state, effects } = startBisection({ trusted: from, targetHeight, config });
  const told = effects.map(text);
  while (state.awaited !== null) {
    ({ state, effects } = stepBisection(state, blockAt(state.awaited), nowMs));
    told.push(...effects.map(text));
  }
  return told;
}

const sliding = bareChain(16, slidingSet(3));
const slidingAt = (height: number): LightBlock => sliding[height - 1]!;

test('light-client §5: a constant set takes one fetch over any distance', () => {
  const { blocks } = realChain(13);
  assert.deepEqual(
    run(blocks[0]!, 13, (height) => blocks[height - 1]!),
    ['fetch 13', 'verified 13', 'done'],
  );
});

test('light-client §5: changing sets are crossed in halves, each block asked for once', () => {
  // Sets: 1–2 0123, 3–5 1234, 6–8 2345, 9–11 3456, 12–14 4567, 15– 5678.
  assert.deepEqual(run(slidingAt(1), 16, slidingAt), ['fetch 16', 'fetch 8', 'verified 8', 'verified 16', 'done']);
  assert.deepEqual(run(slidingAt(1), 15, slidingAt), ['fetch 15', 'fetch 8', 'verified 8', 'verified 15', 'done']);
  const quick = bareChain(9, slidingSet(1));
  const told = run(quick[0]!, 9, (height) => quick[height - 1]!);
  assert.equal(new Set(told).size, told.length, 'nothing twice');
  assert.equal(told.at(-1), 'done');
  const heights = told.filter((line) => line.startsWith('verified')).map((line) => Number(line.split(' ')[1]));
  assert.deepEqual(
    heights,
    [...heights].sort((a, b) => a - b),
  );
});

test('light-client §5: a lie ends it with its code, and what was verified before stays', () => {
  const strangers = setOf(...['x', 'y', 'z'].map((name) => member(name, 10n)));
  const forged = lightBlock({ header: slidingAt(16).header, set: strangers });
  const told = run(slidingAt(1), 16, (height) => (height === 16 ? forged : slidingAt(height)));
  assert.deepEqual(told.slice(0, 4), ['fetch 16', 'fetch 8', 'verified 8', 'fetch 12']);
  assert.equal(told.at(-1), 'failed LIGHT_SET_UNEXPECTED 16');
  const eight = slidingAt(8);
  const [first, ...rest] = eight.commit.precommits;
  const precommits = [{ ...first!, signature: flipped(first!.signature) }, ...rest];
  const spoilt = { ...eight, commit: { ...eight.commit, precommits } };
  const refused = run(slidingAt(1), 16, (height) => (height === 8 ? spoilt : slidingAt(height)));
  assert.deepEqual(refused, ['fetch 16', 'fetch 8', 'failed COMMIT_SIGNATURE_BAD 8']);
});

test('light-client §5: other heights, expired trust and low targets fail; a machine that is over ignores blocks', () => {
  assert.deepEqual(
    run(slidingAt(1), 16, () => slidingAt(4)),
    ['fetch 16', 'failed LIGHT_HEIGHT_NOT_ASKED 4'],
  );
  const late = slidingAt(1).header.time + config.trustingPeriodMs;
  assert.deepEqual(run(slidingAt(1), 4, slidingAt, late), ['fetch 4', 'failed LIGHT_TRUST_EXPIRED 1']);
  for (const target of [1, 0, Number.NaN]) {
    assert.deepEqual(run(slidingAt(1), target, slidingAt), [`failed LIGHT_HEIGHT_NOT_RISING ${target}`]);
  }
  const over = stepBisection(startBisection({ trusted: slidingAt(1), targetHeight: 1, config }).state, slidingAt(4), 0);
  assert.deepEqual(over.effects, []);
});

test('light-client §5.3: the number of fetches is bounded', () => {
  const { state } = startBisection({ trusted: slidingAt(1), targetHeight: 16, config });
  const tired = { ...state, fetches: lightClientLimits.bisectionFetchesMax };
  assert.deepEqual(stepBisection(tired, slidingAt(16), NOW_MS).effects.map(text), [
    'failed LIGHT_BISECTION_TOO_LONG 8',
  ]);
});

test('light-client §5.4: the store keeps order, refuses a second truth, forgets the lowest and the expired', () => {
  let store = createTrustStore(slidingAt(8));
  const add = (block: LightBlock): void => {
    const added = addTrusted(store, block);
    assert.ok(added.ok);
    store = added.store;
  };
  for (const height of [12, 3, 3, 8]) add(slidingAt(height));
  assert.deepEqual(heightsOf(store.blocks), [3, 8, 12]);
  assert.equal(trustedAt(store, 8), slidingAt(8));
  assert.equal(trustedAt(store, 9), null);
  assert.equal(trustedBelow(store, 8), slidingAt(3));
  assert.equal(trustedBelow(store, 3), null);
  assert.equal(latestTrusted(store), slidingAt(12));
  const fork = lightBlock({ header: { ...slidingAt(8).header, time: 1_008_001 }, set: slidingSet(3)(8) });
  assert.deepEqual(addTrusted(store, fork), { ok: false, code: 'TRUST_CONFLICT', known: slidingAt(8) });
  const expiry = slidingAt(8).header.time + config.trustingPeriodMs;
  assert.deepEqual(heightsOf(dropExpired(store, config, expiry - 1).blocks), [8, 12]);
  assert.deepEqual(heightsOf(dropExpired(store, config, expiry).blocks), [12]);
  assert.deepEqual(heightsOf(dropExpired(store, config, expiry * 2).blocks), [12]);

  const max = lightClientLimits.trustedBlocksMax;
  for (let height = 20; height < 20 + max; height++) {
    add({ ...slidingAt(12), header: { ...slidingAt(12).header, height } });
  }
  assert.equal(store.blocks.length, max);
  assert.equal(store.blocks[0].header.height, 20);
});

const heightsOf = (blocks: readonly LightBlock[]): number[] => blocks.map(({ header }) => header.height);

/** The health strip's words: what is said when all is well, when blocks are slow, and when they have stalled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HealthInput, networkHealth, validatorsNeeded } from '../../src/live/health.ts';

const NOW = 1_000_000;
const names = ['a', 'b', 'c', 'd'];

type Members = HealthInput['validators'];

function input(over: {
  ageMs?: number;
  lastSigned?: readonly number[];
  connected?: readonly string[];
  syncing?: boolean;
  height?: number;
  powers?: readonly string[];
}): HealthInput {
  const {
    ageMs = 300,
    lastSigned = [99, 99, 99, 99],
    connected = ['b', 'c', 'd'],
    syncing = false,
    height = 100,
  } = over;
  const head = { height: String(height), hash: '0x', time: String(NOW - ageMs) };
  return {
    nowMs: NOW,
    status: { head, finalized: head, syncing, operator: 'a' } as HealthInput['status'],
    validators: names.map((operator, index) => ({
      operator,
      power: over.powers?.[index] ?? '10',
      lastSignedHeight: String(lastSigned[index]),
    })) as unknown as Members,
    connected: new Set(connected),
    blockIntervalMs: 500,
  };
}

test('all sign and blocks are fresh: good', () => {
  const { level, word, signing, seats } = networkHealth(input({}));
  assert.deepEqual([level, word, signing, seats.length], ['good', 'Healthy', 4, 4]);
});

test('validators are compared with one another, not with a head that is newer than they are', () => {
  assert.equal(networkHealth(input({ height: 500, lastSigned: [90, 90, 89, 90] })).signing, 4);
});

test('one of four that does not sign is told, and is no alarm by itself', () => {
  const { level, sentence, seats } = networkHealth(input({ lastSigned: [99, 99, 99, 20], connected: ['b', 'c'] }));
  assert.equal(level, 'slow');
  assert.equal(sentence, 'Blocks are being made. 3 of 4 validators signed lately.');
  assert.equal(seats[3]?.state, 'offline');
});

test('a stalled chain says why: how many are offline and how many are needed', () => {
  const { level, word, sentence } = networkHealth(input({ ageMs: 60_000, connected: ['b'] }));
  assert.deepEqual([level, word], ['bad', 'Stalled']);
  assert.equal(sentence, 'Stalled because 2 of 4 validators are offline (need 3).');
});

test('a stall with everybody connected blames nobody', () => {
  const { sentence } = networkHealth(input({ ageMs: 60_000 }));
  assert.match(sentence, /^No block for 1 min, although all validators are connected here/);
});

test('slow is told before stalled', () => {
  const { level, word, sentence } = networkHealth(input({ ageMs: 5_000, connected: ['b', 'c'] }));
  assert.deepEqual([level, word], ['slow', 'Slow']);
  assert.match(sentence, /the last one is 5 s old\. 1 of 4 validators is offline \(need 3\)\./);
});

test('slow begins after four intervals and stalled after twelve, with two seconds of grace', () => {
  const words = [4_000, 4_001, 8_000, 8_001].map((ageMs) => networkHealth(input({ ageMs })).word);
  assert.deepEqual(words, ['Healthy', 'Slow', 'Slow', 'Stalled']);
});

test('a chain whose blocks come on demand does not stall while nobody wants one', () => {
  const { level, signing } = networkHealth({ ...input({ ageMs: 600_000 }), paced: true });
  assert.deepEqual([level, signing], ['good', 4]);
});

test('no answer, catching up and no block yet have words of their own', () => {
  assert.equal(networkHealth({ ...input({}), status: null }).level, 'unknown');
  assert.equal(networkHealth(input({ syncing: true })).word, 'Syncing');
  assert.equal(networkHealth(input({ height: 0 })).word, 'Starting');
});

test('a validator without power has no seat', () => {
  const { seats } = networkHealth(input({ powers: ['10', '10', '10', '0'] }));
  assert.deepEqual(
    seats.map(({ operator }) => operator),
    ['a', 'b', 'c'],
  );
});

test('needed is more than two thirds of the power, by the strongest', () => {
  const needed = (...powers: number[]) => validatorsNeeded(powers.map((power) => ({ power: BigInt(power) })));
  assert.equal(needed(1, 1, 1), 3);
  assert.equal(needed(1, 1, 1, 1), 3);
  assert.equal(needed(1, 1, 1, 1, 1, 1, 1), 5);
  assert.equal(needed(1, 70, 1), 1);
  assert.equal(needed(), 0);
});

/** The lines of a validator's life: each change of state once, with why, until when and what to run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { params, validatorViews } from '../../../rpc/test/fixture/small-chain.ts';
import { type Life, lifeLines, statusFacts } from '../../src/operating/life-lines.ts';
import { clockText, whenText } from '../../src/staking/validator-text.ts';

const NOW_MS = new Date(2026, 4, 1, 12, 0, 0).getTime();
const context = { head: 100, params, nowMs: NOW_MS };
const first: Life = { ...validatorViews[0]!, missed: 0 };
const standing = (name: Life['standing']['name'], more: Partial<Life['standing']> = {}): Life => ({
  ...first,
  standing: { name, reason: `Because it is ${name}.`, next: 'none', fromHeight: null, ...more },
});
const told = (before: Life | null, now: Life) => lifeLines(before, now, context);
const messages = (before: Life | null, now: Life) => told(before, now).map(({ message }) => message);

test('every standing has its line, told when it begins and never again', () => {
  const names = ['signing', 'joining', 'waiting', 'jailed', 'exited', 'tombstoned'] as const;
  const words = names.map((name) => {
    const [line, ...others] = told(null, standing(name));
    assert.equal(others.length, 0);
    assert.equal(line!.facts['reason'], `Because it is ${name}.`);
    assert.deepEqual(told(standing(name), standing(name)), []);
    return line!.message;
  });
  assert.equal(new Set(words).size, names.length);
  assert.deepEqual(messages(standing('signing'), standing('jailed')), ['validator is in jail']);
  assert.equal(told(standing('signing'), standing('jailed'))[0]!.level, 'warn');
});

test('jail: until when, that it is over, and the release', () => {
  const locked = standing('jailed', { next: 'wait', fromHeight: 160 });
  const [line] = told(standing('signing'), locked);
  const seconds = (60 * params.timeouts.blockIntervalMs) / 1_000;
  assert.deepEqual(
    [line!.facts['fromHeight'], line!.facts['about']],
    [160, clockText(NOW_MS + seconds * 1_000, NOW_MS)],
  );
  const open = standing('jailed', { next: 'unjail' });
  const [now] = told(locked, open);
  assert.equal(now!.message, 'validator can be released from jail now');
  assert.match(String(now!.facts['next']), /validator unjail syn1/);
  assert.deepEqual(messages(open, standing('joining')), [
    'validator was released from jail',
    'validator joins the set',
  ]);
  assert.deepEqual(messages(open, standing('tombstoned')), ['validator is out for good']);
});

test('missed blocks are told as they rise through quarters of what is allowed, new keys when they act', () => {
  const allowed = params.staking.downtimeMissedMax;
  const missing = (missed: number): Life => ({ ...standing('signing'), missed });
  let lines = 0;
  for (let missed = 1; missed <= allowed; missed++) {
    const found = told(missing(missed - 1), missing(missed));
    lines += found.length;
    for (const { message, facts } of found) {
      assert.equal(message, 'validator misses more blocks');
      assert.equal(facts['jailedAfter'], allowed);
    }
  }
  assert.equal(lines, 3);
  assert.deepEqual(messages(missing(allowed), missing(0)), []);
  const other = { ...standing('signing'), publicKey: validatorViews[1]!.publicKey };
  assert.deepEqual(messages(standing('signing'), other), ['validator keys changed']);
});

test('times are the machine’s own, with the date where it is another day', () => {
  assert.equal(clockText(NOW_MS + 42_000, NOW_MS), '12:00:42');
  assert.equal(clockText(NOW_MS + 3 * 86_400_000, NOW_MS), '2026-05-04 12:00:00');
  assert.equal(
    whenText('148', { head: '106', blockIntervalMs: 1_000 }, NOW_MS),
    'from block 148 on, in about 42 s (12:00:42)',
  );
});

test('the line that comes now and then tells height, peers, role and what is wrong', () => {
  const status = {
    head: { height: 7 },
    peers: 3,
    role: 'validator',
    syncing: false,
    mempoolTransactions: 1,
    openQueries: 2,
  };
  const api = { status: () => ({ ...status, warnings: ['No block for 9 s.'] }), epochEnd: () => 20 };
  assert.deepEqual(statusFacts(api as unknown as Parameters<typeof statusFacts>[0]), {
    height: 7,
    epochEnd: 20,
    peers: 3,
    role: 'validator',
    syncing: false,
    transactions: 1,
    openQueries: 2,
    warnings: ['No block for 9 s.'],
  });
});

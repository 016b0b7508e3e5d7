/** Amounts, ratios and times as people read them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSyn, parseSyn } from '../../src/format/amounts.ts';
import { formatPercent, plural, shorten } from '../../src/format/numbers.ts';
import { formatAgo, formatDuration } from '../../src/format/times.ts';

test('nano as SYN', () => {
  assert.equal(formatSyn('10000000000000'), '10,000');
  assert.equal(formatSyn('2100000'), '0.0021');
  assert.equal(formatSyn('1234567890123456789'), '1,234,567,890.123457');
  assert.equal(formatSyn(0n), '0');
  assert.equal(formatSyn(1n), '<0.000001');
  assert.equal(formatSyn(-1_500_000_000n), '−1.5');
  assert.equal(formatSyn('999999999', 2), '1');
});

test('what is shown with all its decimals reads back as the same amount', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (nano) => {
      assert.equal(parseSyn(formatSyn(nano, 9).replaceAll(',', '')), nano);
    }),
  );
});

test('amounts that are none', () => {
  for (const text of ['', '.', 'x', '-1', '1.0000000001', '1e9', '0x10', '1 BTC'])
    assert.equal(parseSyn(text), null, text);
  assert.equal(parseSyn('0,5 syn'), 500_000_000n);
  assert.equal(parseSyn('.5'), 500_000_000n);
});

test('ratios, counts and hashes', () => {
  assert.equal(formatPercent('0.873'), '87 %');
  assert.equal(formatPercent(null), '–');
  assert.equal(plural(1, 'block'), '1 block');
  assert.equal(plural(1200, 'block'), '1,200 blocks');
  assert.equal(shorten('0x0123456789abcdef'), '0x0123…cdef');
  assert.equal(shorten('0x0123'), '0x0123');
});

test('ages and durations', () => {
  assert.equal(formatAgo(300), 'just now');
  assert.equal(formatAgo(-5_000), 'just now');
  assert.equal(formatAgo(61_000), '1 min ago');
  assert.equal(formatAgo(90_000_000), '1 day ago');
  assert.equal(formatDuration(1_440), '1.4 s');
  assert.equal(formatDuration(125_000), '2 min 5 s');
});

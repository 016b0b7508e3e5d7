/** What is believed of a signing record that was written by hand, merged, or cut: always what forbids more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProtection } from '../../src/keys/protection-file.ts';

const KEY = `0x${'ab'.repeat(32)}`;
const HASH = `0x${'cd'.repeat(32)}`;
const SIGNATURE = `0x${'ef'.repeat(64)}`;

const vote = (height: number, more: object = {}) => ({
  height: String(height),
  round: '2',
  step: 'prevote',
  block_hash: HASH,
  signature: SIGNATURE,
  ...more,
});

function parsed(...data: readonly (readonly object[])[]) {
  const metadata = {
    interchange_format: 'synod-tendermint',
    interchange_format_version: '1',
    chain_id: 'lab',
    genesis_hash: HASH,
  };
  const document = { metadata, data: data.map((signed) => ({ pubkey: KEY, signed })) };
  return parseProtection(document, 'record.json').keys.map(({ record }) => record);
}

test('the highest height counts, in whatever order entries stand and however often a key is named', () => {
  for (const data of [[[vote(3), vote(9)]], [[vote(9), vote(3)]], [[vote(9)], [vote(3)]], [[vote(3)], [vote(9)]]]) {
    const [record, ...others] = parsed(...data);
    assert.deepEqual([record?.height, record?.messages.length, others.length], [9, 1, 0]);
  }
});

test('an entry that cannot be told again forbids its whole height, whatever stands beside it', () => {
  const vague: readonly object[] = [
    { height: '9' },
    vote(9, { signature: undefined }),
    vote(9, { step: 'precommit', extension: undefined }),
  ];
  for (const entry of vague) {
    for (const signed of [
      [vote(9), entry],
      [entry, vote(9)],
    ])
      assert.deepEqual(parsed(signed), [{ height: 9, messages: [] }], JSON.stringify(entry));
  }
  assert.equal(parsed([{ height: '8' }, vote(9)])[0]?.messages.length, 1);
});

test('slots that cannot be are refused by the name of their member', () => {
  const proposal = (more: object) => vote(9, { step: 'propose', pol_round: '-1', ...more });
  const wrong: readonly (readonly [object, RegExp])[] = [
    [vote(0), /signed\[0\]\.height/],
    [vote(9, { round: '4294967295' }), /\.round/],
    [vote(9, { round: 2 }), /\.round/],
    [vote(9, { step: 'commit' }), /\.step/],
    [proposal({ pol_round: '2' }), /\.pol_round/],
    [proposal({ pol_round: '-2' }), /\.pol_round/],
    [proposal({ block_hash: null }), /\.block_hash/],
    [vote(9, { signature: '0x00' }), /\.signature/],
  ];
  for (const [entry, message] of wrong)
    assert.throws(() => parsed([entry]), { code: 'PROTECTION_FILE_INVALID', message }, JSON.stringify(entry));
  assert.equal(parsed([proposal({ pol_round: '1' })])[0]?.messages[0]?.polRound, 1);
});

/** Single ways to be non-canonical or out of range, each refused by decode or thrown by encode (codec §1, §2, §5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address, Hash, Transaction, TransactionBody, Vote } from '../../src/index.ts';
import * as chain from '../../src/index.ts';
import { sampleAnswer, sampleBody, sampleTransaction } from './samples.ts';

const NOT_ENCODABLE = { code: 'VALUE_NOT_ENCODABLE' };

function refused(result: chain.Decoded<unknown>, reason: RegExp): void {
  assert.equal(result.ok, false);
  if (!result.ok) assert.match(result.reason, reason);
}

test('a gap between the fixed and the variable part is refused', () => {
  const bytes = chain.encodeTransaction(sampleTransaction);
  // Container: 4-byte offset of the body (68), 64 bytes of signature, body.
  const gapped = Uint8Array.from([...bytes.subarray(0, 68), 0, ...bytes.subarray(68)]);
  new DataView(gapped.buffer).setUint32(0, 69, true);
  assert.equal(chain.decodeTransaction(gapped).ok, false);
});

test('an unknown union selector is refused', () => {
  const vote: Vote = {
    type: 'prevote',
    height: 1,
    round: 0,
    blockId: null,
    validator: chain.addressFromBytes(new Uint8Array(20)),
    signature: new Uint8Array(64),
    extension: null,
  };
  const bytes = chain.encodeVote(vote);
  const selector = bytes.length - 2;
  assert.deepEqual([...bytes.subarray(selector)], [0, 0]);
  bytes[selector] = 2;
  refused(chain.decodeVote(bytes), /selector 2/);
});

test('none with bytes behind it is refused', () => {
  const bytes = chain.encodeBlock({ header: sampleHeader(), transactions: [], lastCommit: null, evidence: [] });
  assert.equal(chain.decodeBlock(bytes).ok, true);
  const longer = Uint8Array.from([...bytes, 0]);
  // The list of evidence, last and empty, moves one byte back, so that none owns two bytes.
  const view = new DataView(longer.buffer);
  assert.equal(view.getUint32(12, true), bytes.length);
  view.setUint32(12, longer.length, true);
  refused(chain.decodeBlock(longer), /canonical/);
});

function sampleHeader(): chain.Header {
  const zero = chain.ZERO_HASH;
  return {
    protocolVersion: 1,
    chainId: 'synod-test',
    height: 1,
    time: 1,
    lastBlockId: zero,
    lastCommitRoot: zero,
    extensionsRoot: zero,
    validatorsHash: zero,
    nextValidatorsHash: zero,
    paramsHash: zero,
    stateRoot: zero,
    resultsRoot: zero,
    transactionsRoot: zero,
    evidenceRoot: zero,
    beaconProof: new Uint8Array(80),
    proposer: chain.addressFromBytes(new Uint8Array(20)),
  };
}

test('bytes that are not UTF-8 are refused: overlong, surrogate, cut, above U+10FFFF', () => {
  const bytes = chain.encodeTransactionBody({ ...sampleBody, chainId: 'abcd' });
  const at = Buffer.from(bytes).indexOf('abcd');
  for (const bad of ['c1a1c1a1', 'eda08041', '4141e282', 'f4908080']) {
    const copy = bytes.slice();
    copy.set(Buffer.from(bad, 'hex'), at);
    refused(chain.decodeTransactionBody(copy), /chainId: not UTF-8/);
  }
});

test('a byte order mark and unnormalised text survive unchanged', () => {
  const body: TransactionBody = { ...sampleBody, chainId: '\uFEFFe\u0301é\0' };
  const result = chain.decodeTransactionBody(chain.encodeTransactionBody(body));
  assert.deepEqual(result, { ok: true, value: body });
});

test('a number above its range is refused', () => {
  const bytes = chain.encodeTransactionBody({ ...sampleBody, validUntil: Number.MAX_SAFE_INTEGER });
  const at = Buffer.from(bytes).indexOf(Buffer.from('ffffffffffff1f00', 'hex'));
  assert.notEqual(at, -1);
  bytes[at + 6] = 0x20;
  refused(chain.decodeTransactionBody(bytes), /validUntil: not in/);
});

test('a score above a million parts per million is refused', () => {
  const bytes = chain.encodeScoreContent({ scores: [{ group: 0, score: 1_000_000 }], checks: [] });
  new DataView(bytes.buffer).setUint32(12, 1_000_001, true);
  refused(chain.decodeScoreContent(bytes), /score: not in/);
});

test('a list over its maximum is refused and cannot be encoded', () => {
  const scores = Array.from({ length: chain.codecLimits.respondents + 1 }, (_, group) => ({ group, score: 1 }));
  const allowed = chain.encodeScoreContent({ scores: scores.slice(1), checks: [] });
  assert.equal(chain.decodeScoreContent(allowed).ok, true);
  const longer = Uint8Array.from([...allowed, 1, 0, 0, 0, 1, 0, 0, 0]);
  new DataView(longer.buffer).setUint32(4, longer.length, true);
  assert.equal(chain.decodeScoreContent(longer).ok, false);
  assert.throws(() => chain.encodeScoreContent({ scores, checks: [] }), NOT_ENCODABLE);
});

test('bytes over the maximum are refused before they are read', () => {
  refused(chain.decodeBlock(new Uint8Array(chain.codecLimits.blockBytes + 1)), /exceed the maximum/);
  refused(chain.decodeU64(new Uint8Array(9)), /exceed the maximum/);
});

test('encode throws on what its type cannot hold', () => {
  const broken: readonly Partial<TransactionBody>[] = [
    { tip: -1n },
    { tip: 2n ** 64n },
    { validUntil: -1 },
    { validUntil: 1.5 },
    { validUntil: Number.MAX_SAFE_INTEGER + 1 },
    { salt: new Uint8Array(15) },
    { chainId: 'x'.repeat(65) },
    { chainId: 'lone \ud800 surrogate' },
    { sender: sampleBody.sender.toUpperCase() as typeof sampleBody.sender },
    { payload: { type: 'transfer', to: 'syn1qqqq' as Address, amount: 0n } },
    { payload: { type: 'answer.commit', queryId: 'ab' as Hash, commitment: chain.ZERO_HASH } },
    { payload: { type: 'mint' } as never },
  ];
  for (const fields of broken) {
    assert.throws(
      () => chain.encodeTransactionBody({ ...sampleBody, ...fields }),
      NOT_ENCODABLE,
      JSON.stringify(fields, String),
    );
  }
  const unsigned: Transaction = { body: sampleBody, signature: new Uint8Array(63) };
  assert.throws(() => chain.encodeTransaction(unsigned), NOT_ENCODABLE);
  assert.throws(() => chain.encodeAnswer({ ...sampleAnswer, promptTokens: 2 ** 32 }), NOT_ENCODABLE);
});

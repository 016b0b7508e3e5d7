/** A receipt of a real chain is proven from a trusted hash by file alone; whatever is changed on the way is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blockId,
  createReceiptProof,
  encodeAccount,
  type Hash,
  type LightBlock,
  parseReceiptProof,
  type ReceiptProof,
  readAccount,
  receiptProofToJson,
} from '@synod/chain';
import { keysOf, poor, user } from '../../../chain/test/test-chain.ts';
import { verifyReceiptProof, verifyStateAt } from '../../src/index.ts';
import { codeOf, config, flipped, NOW_MS, realChain } from './light-chain.ts';

const { chain, blocks, results } = realChain(16);
const settled = results.findIndex(({ receipts }) => receipts.length > 0);
const block = blocks[settled + 1]!;
const height = block.header.height;
const at = (wanted: number): LightBlock => blocks[wanted - 1]!;
const hashOf = (wanted: number): { height: number; hash: Hash } => ({
  height: wanted,
  hash: blockId(at(wanted).header),
});
const trail = { below: [at(1), at(3)], above: blocks.slice(height).map(({ header }) => header) };
const proof = createReceiptProof({ results: results[settled]!, index: 0, block, trail });

function check(changed: ReceiptProof, trusted = hashOf(height), nowMs = NOW_MS): string {
  return codeOf(verifyReceiptProof({ proof: changed, trusted, config, nowMs }));
}

test('light-client §6: the receipt is proven from its own block, an older one and a newer one, through the file', () => {
  assert.ok(height < 16 && proof.leafCount > 1, 'there is something on both sides');
  const read = parseReceiptProof(JSON.stringify(receiptProofToJson(proof)));
  assert.ok(read.ok, read.ok ? '' : read.reason);
  for (const trusted of [height, 1, 3, height + 1, 16].map(hashOf)) {
    const verdict = verifyReceiptProof({ proof: read.value, trusted, config, nowMs: NOW_MS });
    assert.ok(verdict.ok, `${trusted.height} ${codeOf(verdict)}`);
    assert.deepEqual(verdict.receipt, results[settled]!.receipts[0]);
    assert.equal(verdict.header.height, verdict.receipt.settledAt + 1);
  }
});

test('light-client §6.2: a changed receipt, place or path is refused', () => {
  const { receipt, path } = proof;
  assert.equal(check({ ...proof, receipt: { ...receipt, cost: receipt.cost + 1n } }), 'RECEIPT_NOT_INCLUDED');
  assert.equal(check({ ...proof, receipt: { ...receipt, settledAt: receipt.settledAt + 1 } }), 'RECEIPT_HEIGHT_WRONG');
  assert.equal(check({ ...proof, leafIndex: proof.leafIndex - 1 }), 'RECEIPT_NOT_INCLUDED');
  assert.equal(check({ ...proof, leafCount: proof.leafCount * 4 }), 'RECEIPT_NOT_INCLUDED');
  assert.equal(check({ ...proof, path: path.slice(1) }), 'RECEIPT_NOT_INCLUDED');
  assert.equal(check({ ...proof, path: path.map(() => 'ab'.repeat(32) as Hash) }), 'RECEIPT_NOT_INCLUDED');
  assert.equal(check({ ...proof, block: at(height + 1) }), 'RECEIPT_HEIGHT_WRONG');
});

test('light-client §6.3: a forged header, set or certificate is refused', () => {
  const { header, commit } = block;
  const [first, ...rest] = commit.precommits;
  const withBlock = (change: Partial<LightBlock>): string => check({ ...proof, block: { ...block, ...change } });
  assert.equal(withBlock({ header: { ...header, time: header.time + 1 } }), 'LIGHT_COMMIT_OF_OTHER_BLOCK');
  assert.equal(withBlock({ header: { ...header, resultsRoot: 'ab'.repeat(32) as Hash } }), 'RECEIPT_NOT_INCLUDED');
  assert.equal(withBlock({ validators: block.validators.slice(1) }), 'LIGHT_VALIDATORS_HASH');
  assert.equal(withBlock({ commit: { ...commit, precommits: [first!] } }), 'COMMIT_POWER_LOW');
  const spoilt = [{ ...first!, signature: flipped(first!.signature) }, ...rest];
  assert.equal(withBlock({ commit: { ...commit, precommits: spoilt } }), 'COMMIT_SIGNATURE_BAD');
});

test('light-client §6.4: another trusted hash, a missing trail, an expired checkpoint are refused', () => {
  const wrong = { height, hash: 'ab'.repeat(32) as Hash };
  assert.equal(check(proof, wrong), 'CHECKPOINT_HASH_DIFFERS');
  assert.equal(check(proof, { ...hashOf(3), hash: wrong.hash }), 'CHECKPOINT_HASH_DIFFERS');
  assert.equal(check(proof, { ...hashOf(16), hash: wrong.hash }), 'CHECKPOINT_HASH_DIFFERS');
  assert.equal(check(proof, hashOf(2)), 'TRAIL_MISSING');
  assert.equal(check(proof, { height: 17, hash: wrong.hash }), 'TRAIL_MISSING');
  const bare = { ...proof, trail: { below: [], above: [] } };
  assert.equal(check(bare), 'OK');
  assert.equal(check(bare, hashOf(1)), 'TRAIL_MISSING');
  assert.equal(check(bare, hashOf(16)), 'TRAIL_MISSING');
  const expired = at(3).header.time + config.trustingPeriodMs;
  assert.equal(check(proof, hashOf(3), expired), 'LIGHT_TRUST_EXPIRED');
  assert.equal(check(proof, hashOf(height), expired), 'OK');
  assert.equal(check(proof, hashOf(16), expired), 'OK');
  const broken = { ...proof, trail: { ...trail, above: trail.above.map((header) => ({ ...header, time: 7 })) } };
  assert.equal(check(broken, hashOf(height + 1)), 'CHECKPOINT_HASH_DIFFERS');
  const gap = { ...proof, trail: { ...trail, above: [trail.above[0]!, ...trail.above.slice(2)] } };
  assert.equal(check(gap, hashOf(16)), 'TRAIL_MISSING');
});

test('light-client §6.4: blocks of the trail are verified, not believed', () => {
  const [one, three] = [at(1), at(3)];
  const precommits = three.commit.precommits.slice(0, 1);
  const weak = { ...three, commit: { ...three.commit, precommits } };
  const through = (below: readonly LightBlock[]): string => check({ ...proof, trail: { below, above: [] } }, hashOf(1));
  assert.equal(through([one, three]), 'OK');
  assert.notEqual(through([one, weak]), 'OK');
  assert.equal(through([one, three, three]), 'LIGHT_HEIGHT_NOT_RISING');
});

test('light-client §6.6: state after h is proven by header h + 1, presence and absence alike', () => {
  const before = chain.state;
  const stateHeight = chain.height;
  chain.next();
  const { header } = chain.block!;
  const ask = (key: string): ReturnType<typeof verifyStateAt> =>
    verifyStateAt({ key, height: stateHeight, proof: before.prove(key), header });
  const present = ask(`account/${user.address}`);
  const value = encodeAccount(readAccount(before, user.address));
  assert.deepEqual(present, { ok: true, height: stateHeight, value: new Uint8Array(value) });
  assert.deepEqual(ask(`account/${poor.address}`), { ok: true, height: stateHeight, value: null });

  const key = `account/${user.address}`;
  const honest = before.prove(key);
  const judge = (change: object, on = header): string =>
    codeOf(verifyStateAt({ key, height: stateHeight, proof: { ...honest, ...change }, header: on }));
  assert.equal(judge({ value: 'ff' }), 'STATE_PROOF_BAD');
  assert.equal(judge({ value: null }), 'STATE_PROOF_BAD');
  assert.equal(judge({ leaf: null, value: null }), 'STATE_PROOF_BAD');
  assert.equal(judge({ siblings: honest.siblings.slice(1) }), 'STATE_PROOF_BAD');
  assert.equal(judge(before.prove(`account/${keysOf('payee').address}`)), 'STATE_PROOF_BAD');
  assert.equal(judge({}, at(16).header), 'STATE_HEIGHT_WRONG');
  assert.equal(judge({}, { ...header, stateRoot: 'ab'.repeat(32) as Hash }), 'STATE_PROOF_BAD');
});

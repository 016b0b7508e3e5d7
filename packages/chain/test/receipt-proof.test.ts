/** Receipt proofs: made only of what belongs together, written and read back byte for byte, read strictly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createReceiptProof,
  decodeLightBlock,
  encodeLightBlock,
  type LightBlock,
  parseReceiptProof,
  RECEIPT_PROOF_LIMITS,
  type ReceiptProofJson,
  readValidatorRecord,
  receiptPathProblem,
  receiptProofFromJson,
  receiptProofToJson,
  toHex,
} from '../src/index.ts';
import { generated, keysOf, TestChain, user } from './test-chain.ts';

/** A chain whose last block but one settled a query between payments. */
function settledChain() {
  const chain = new TestChain();
  const id = chain.open({ answerWindow: 4, revealWindow: 4, scoreWindow: 4, scoreRevealWindow: 4 });
  chain.answer(id, [generated('Paris'), generated('Rome')]);
  const pay = () => [1n, 2n, 3n].map((amount) => chain.transfer(user, keysOf('payee').address, amount));
  let { results } = chain.next({ transactions: pay() });
  while (results.receipts.length === 0) ({ results } = chain.next({ transactions: pay() }));
  chain.next();
  const { validators } = readValidatorRecord(chain.state);
  const light: LightBlock = { header: chain.block!.header, commit: chain.commit({}), validators, nextValidators: null };
  return { results, light };
}

const { results, light } = settledChain();
const proof = createReceiptProof({ results, index: 0, block: light, trail: { below: [light], above: [light.header] } });
const json = receiptProofToJson(proof);

test('light-client §6.1: receipts stand behind the transaction results of their block', () => {
  assert.equal(proof.leafIndex, 3);
  assert.equal(proof.leafCount, 4);
  assert.equal(proof.path.length, 2);
  assert.equal(receiptPathProblem(proof), null);
  assert.equal(receiptPathProblem({ ...proof, leafIndex: 0 }), 'RECEIPT_NOT_INCLUDED');
});

test('light-client §6.1: what does not belong together makes no proof', () => {
  const wrong = { ...light, header: { ...light.header, height: light.header.height + 1 } };
  const otherResults = { ...results, transactions: results.transactions.slice(1) };
  assert.throws(() => createReceiptProof({ results, index: 1, block: light }), { code: 'RECEIPT_UNKNOWN' });
  assert.throws(() => createReceiptProof({ results, index: 0, block: wrong }), { code: 'RECEIPT_BLOCK_WRONG' });
  assert.throws(() => createReceiptProof({ results: otherResults, index: 0, block: light }), {
    code: 'RECEIPT_BLOCK_WRONG',
  });
});

test('light-client §1: light blocks have one canonical form, with and without another next set', () => {
  for (const nextValidators of [null, light.validators.slice(1)]) {
    const block = { ...light, nextValidators };
    const bytes = encodeLightBlock(block);
    assert.deepEqual(decodeLightBlock(bytes), { ok: true, value: block });
    assert.equal(decodeLightBlock(bytes.subarray(1)).ok, false);
    assert.equal(decodeLightBlock(new Uint8Array([...bytes, 0])).ok, false);
  }
});

test('light-client §7: the file is read back as it was written', () => {
  const read = parseReceiptProof(JSON.stringify(json));
  assert.deepEqual(read, { ok: true, value: proof });
});

test('light-client §7: every wrong field is named', () => {
  const reason = (change: Partial<Record<keyof ReceiptProofJson, unknown>>): string => {
    const read = receiptProofFromJson({ ...json, ...change });
    return read.ok ? 'read' : read.reason;
  };
  assert.match(reason({ format: 'synod/receipt-proof/2' }), /^format must be/);
  assert.match(reason({ chainId: 'other' }), /^chainId must be "test-1"/);
  assert.match(reason({ queryId: '00'.repeat(32) }), /^queryId must be/);
  assert.match(reason({ settledAt: String(json.settledAt) }), /^settledAt must be \d+/);
  assert.match(reason({ receipt: json.receipt.toUpperCase() }), /^receipt must be lowercase/);
  assert.match(reason({ receipt: json.receipt.slice(1) }), /^receipt must be lowercase/);
  assert.match(reason({ receipt: json.receipt.slice(2) }), /^receipt cannot be read/);
  assert.match(reason({ leafIndex: -1 }), /^leafIndex must be a whole number/);
  assert.match(reason({ leafCount: 1.5 }), /^leafCount must be a whole number/);
  assert.match(reason({ path: ['ab'] }), /^path\[0\] must be 64/);
  assert.match(reason({ path: Array(65).fill('ab'.repeat(32)) }), /^path must have at most 64/);
  assert.match(reason({ block: null }), /^block must be/);
  assert.match(reason({ block: `${json.block}00` }), /^block cannot be read/);
  assert.match(reason({ trail: { below: [] } }), /^trail lacks the field "above"/);
  assert.match(reason({ trail: { below: [], above: ['00'] } }), /^trail\.above\[0\] cannot be read/);
  const many = Array(RECEIPT_PROOF_LIMITS.trailBlocksMax + 1).fill('');
  assert.match(reason({ trail: { below: many, above: [] } }), /^trail\.below must have at most/);
  const added = receiptProofFromJson({ ...json, note: '' });
  assert.equal(added.ok ? '' : added.reason, 'the file has the unknown field "note"');
  const { path: _, ...without } = json;
  const lacking = receiptProofFromJson(without);
  assert.equal(lacking.ok ? '' : lacking.reason, 'the file lacks the field "path"');
  for (const other of [null, [], 'text', 7]) assert.equal(receiptProofFromJson(other).ok, false);
  const notJson = parseReceiptProof('{');
  assert.match(notJson.ok ? '' : notJson.reason, /^the file is not JSON/);
});

test('light-client §7: whatever the fields hold, reading gives a verdict', () => {
  const fields = Object.keys(json) as (keyof ReceiptProofJson)[];
  const value = fc.oneof(fc.jsonValue(), fc.uint8Array({ maxLength: 400 }).map(toHex));
  fc.assert(
    fc.property(fc.constantFrom(...fields), value, (field, replaced) => {
      const read = receiptProofFromJson({ ...json, [field]: replaced });
      assert.ok(read.ok || read.reason.length > 0);
    }),
    { numRuns: 2000 },
  );
  // A turned bit anywhere in the receipt or block is refused, or changes what is read: two files never mean one proof.
  fc.assert(
    fc.property(fc.constantFrom('receipt' as const, 'block' as const), fc.nat(), fc.nat(7), (field, place, bit) => {
      const bytes = Buffer.from(json[field], 'hex');
      bytes[place % bytes.length]! ^= 1 << bit;
      const read = receiptProofFromJson({ ...json, [field]: bytes.toString('hex') });
      if (read.ok) assert.notDeepEqual(read.value, proof);
    }),
    { numRuns: 500 },
  );
});

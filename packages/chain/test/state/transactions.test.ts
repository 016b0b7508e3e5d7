/** Which transactions may stand in a block, and what those that may do (state §3–§5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  checkSupply,
  checkTransaction,
  createSignatureCheck,
  dryRunTransaction,
  encodeTransaction,
  type OperatorConsent,
  readAccount,
  readBaseFee,
  readParams,
  readSupply,
  signatureKey,
  type Transaction,
  type TransactionBody,
  transactionId,
  verifySignature,
} from '../../src/index.ts';
import { consentOf, keysOf, poor, profileOf, SYN, TestChain, user } from '../test-chain.ts';

const other = keysOf('other');

function refusal(chain: TestChain, transaction: Transaction, height = chain.height + 1): string {
  const isSignatureValid = createSignatureCheck(verifySignature);
  const verdict = checkTransaction(chain.state, transaction, { height, isSignatureValid });
  return verdict.ok ? 'OK' : verdict.code;
}

test('state §3.1: each rule refuses with its own code', () => {
  const chain = new TestChain({ params: { transactionBytesMax: 1024, promptBytesMax: 2000 } });
  const send = (overrides: Partial<TransactionBody>) =>
    refusal(chain, chain.transfer(user, other.address, 5n, overrides));
  assert.equal(send({}), 'OK');
  assert.equal(send({ chainId: 'other-1' }), 'WRONG_CHAIN');
  assert.equal(send({ validUntil: 0 }), 'EXPIRED');
  assert.equal(send({ validUntil: 1 }), 'OK');
  assert.equal(send({ validUntil: 129 }), 'OK');
  assert.equal(send({ validUntil: 130 }), 'VALID_UNTIL_TOO_FAR');
  assert.equal(send({ maxBaseFeePerByte: 3n }), 'FEE_TOO_LOW');
  assert.equal(send({ maxBaseFeePerByte: 4n }), 'OK');
  assert.equal(send({ tip: 1000n * SYN }), 'INSUFFICIENT_BALANCE');
  assert.equal(refusal(chain, chain.transfer(user, other.address, 0n)), 'PAYLOAD_INVALID');
  const long = { type: 'query.open' as const, contract: chain.contract({ prompt: 'x'.repeat(1500) }) };
  assert.equal(refusal(chain, chain.transaction(user, long)), 'TRANSACTION_TOO_LARGE');
  const forged = { ...chain.transfer(user, other.address, 5n), signature: new Uint8Array(64) };
  assert.equal(refusal(chain, forged), 'BAD_SIGNATURE');
});

test('state §3.3: a remembered signature counts only with the same signature bytes', () => {
  const chain = new TestChain();
  const good = chain.transfer(user, other.address, 5n);
  const id = transactionId(good.body);
  const check = createSignatureCheck(() => false, new Set([signatureKey(id, good.signature)]));
  assert.equal(check(good, id), true);
  assert.equal(check({ ...good, signature: new Uint8Array(64) }, id), false);
});

test('state §3.4: an id is remembered until it has expired', () => {
  const chain = new TestChain();
  const transaction = chain.transfer(user, other.address, 5n, { validUntil: 128 });
  assert.deepEqual(chain.codes(transaction), ['OK']);
  assert.equal(refusal(chain, transaction), 'DUPLICATE');
  while (chain.height < 128) {
    assert.equal(refusal(chain, transaction), 'DUPLICATE');
    chain.next();
  }
  assert.equal(refusal(chain, transaction, 129), 'EXPIRED');
  const kept = () =>
    [...chain.state.entries()].filter(({ key }) => key.startsWith('tx/') || key.startsWith('included/')).length;
  assert.equal(kept(), 2);
  chain.next();
  assert.equal(kept(), 0);
});

test('state §3.2: within one block a second copy is refused, and so is one the first left no balance for', () => {
  const chain = new TestChain();
  const transaction = chain.transfer(user, other.address, 5n);
  const rich = chain.transfer(other, user.address, 1n);
  const { results } = chain.next({ transactions: [rich, transaction, transaction] });
  assert.deepEqual(
    results.transactions.map(({ id }) => id),
    [transactionId(transaction.body)],
  );
});

test('state §4.1: the base part is burnt, the tip goes to the proposer, the amount arrives', () => {
  const chain = new TestChain();
  const transaction = chain.transfer(user, other.address, 5n, { tip: 77n });
  const bytes = BigInt(encodeTransaction(transaction).length);
  assert.equal(readBaseFee(chain.state), 4n);
  const { results, events } = chain.next({ transactions: [transaction] });
  const fee = bytes * 4n + 77n;
  assert.deepEqual(results.transactions, [{ id: transactionId(transaction.body), code: 'OK', fee }]);
  assert.equal(readAccount(chain.state, user.address).balance, 1000n * SYN - 5n - fee);
  assert.equal(readAccount(chain.state, other.address).balance, 5n);
  assert.equal(readAccount(chain.state, chain.block!.header.proposer).balance, 77n);
  assert.equal(readSupply(chain.state).burnt, bytes * 4n);
  assert.deepEqual(events, [
    {
      type: 'transfer',
      transaction: transactionId(transaction.body),
      from: user.address,
      to: other.address,
      amount: 5n,
    },
  ]);
  assert.equal(checkSupply(chain.state).ok, true);
});

test('state §3.5: a failing payload pays its fee, is remembered and changes nothing else', () => {
  const chain = new TestChain();
  const transaction = chain.transfer(user, other.address, 1001n * SYN);
  assert.deepEqual(chain.codes(transaction), ['INSUFFICIENT_BALANCE']);
  assert.equal(readAccount(chain.state, other.address).balance, 0n);
  assert.ok(readAccount(chain.state, user.address).balance < 1000n * SYN);
  assert.equal(refusal(chain, transaction), 'DUPLICATE');
  assert.equal(checkSupply(chain.state).ok, true);
});

test('a transfer to oneself keeps the balance', () => {
  const chain = new TestChain();
  const transaction = chain.transfer(user, user.address, 400n * SYN);
  const { results } = chain.next({ transactions: [transaction] });
  assert.equal(readAccount(chain.state, user.address).balance, 1000n * SYN - results.transactions[0]!.fee);
  assert.equal(checkSupply(chain.state).ok, true);
});

test('a dry run tells the code and changes nothing', () => {
  const chain = new TestChain();
  const verdict = checkTransaction(chain.state, chain.transfer(user, other.address, 2000n * SYN), {
    height: 1,
    isSignatureValid: () => true,
  });
  assert.ok(verdict.ok);
  const before = chain.state.root;
  const context = { height: 1, params: readParams(chain.state), proposer: user.address };
  assert.equal(dryRunTransaction(chain.state, verdict.checked, context).code, 'INSUFFICIENT_BALANCE');
  assert.equal(chain.state.root, before);
});

test('market §1: an expert registers once, with a bond and a profile in bounds', () => {
  const chain = new TestChain();
  const register = (bond: bigint, profile = {}, from = user) =>
    chain.transaction(from, { type: 'expert.register', expert: profileOf(user.address, profile), bond, consent: null });
  for (const profile of [
    { name: 'No Caps' },
    { domain: '' },
    { domain: 'x'.repeat(49) },
    { knowledgeSize: 3 },
    { modelName: '' },
  ]) {
    assert.equal(refusal(chain, register(10n * SYN, profile)), 'PAYLOAD_INVALID', JSON.stringify(profile));
  }
  assert.deepEqual(chain.codes(register(10n * SYN - 1n)), ['BOND_TOO_LOW']);
  assert.deepEqual(chain.codes(register(1000n * SYN)), ['INSUFFICIENT_BALANCE']);
  const [operator] = chain.validators;
  const forOther = (consent: OperatorConsent | null) =>
    chain.transaction(user, {
      type: 'expert.register',
      expert: profileOf(operator!.address),
      bond: 10n * SYN,
      consent,
    });
  const strangers = consentOf(poor, user);
  for (const consent of [null, consentOf(operator!, poor), strangers, { ...strangers, publicKey: operator!.publicKey }])
    assert.deepEqual(chain.codes(forOther(consent)), ['OPERATOR_CONSENT_MISSING']);
  assert.deepEqual(chain.codes(register(10n * SYN)), ['OK']);
  assert.equal(readSupply(chain.state).bonded, 50n * SYN);
  assert.deepEqual(chain.codes(register(10n * SYN)), ['EXPERT_EXISTS']);
  assert.equal(checkSupply(chain.state).ok, true);
  assert.equal(addressOf(user.publicKey), user.address);
});

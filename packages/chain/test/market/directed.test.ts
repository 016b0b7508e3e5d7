/** Queries that ask one expert by name (market §16): who may answer, and that nothing but money and duty comes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  contractProblem,
  type Hash,
  type QueryContract,
  readAttendance,
  readExpert,
  readOutcomes,
  readParams,
  readReputation,
  readTally,
  recheckReceipt,
  sealHash,
} from '../../src/index.ts';
import { generated, TestChain, user } from '../test-chain.ts';
import { settle } from './plays.ts';

const salt = new Uint8Array(32).fill(3);

/** A chain whose first validator coordinates, and an expert of another. */
function named(): { chain: TestChain; expert: Address; contract: Partial<QueryContract> } {
  const chain = new TestChain();
  const [coordinator, host] = chain.validators;
  const expert = host!.expert.address;
  return { chain, expert, contract: { expert, respondents: 1, coordinator: coordinator!.address } };
}

function settledReceipt(chain: TestChain, id: Hash) {
  chain.answer(id, [generated('It is Paris.')]);
  return settle(chain, id);
}

test('market §16.1: one expert is one respondent', () => {
  const { chain, contract } = named();
  const problem = (change: Partial<QueryContract>) =>
    contractProblem(chain.contract({ ...contract, ...change }), readParams(chain.state));
  assert.equal(problem({}), null);
  assert.equal(problem({ respondents: 2 }), 'respondents');
});

test('market §16.1: who is named must serve the domain, and its own price counts', () => {
  const { chain, contract, expert } = named();
  const open = (change: Partial<QueryContract>) =>
    chain.codes(
      chain.transaction(user, { type: 'query.open', contract: chain.contract({ ...contract, ...change }) }),
    )[0];
  assert.equal(open({ expert: user.address }), 'EXPERT_UNKNOWN');
  const { profile } = readExpert(chain.state, expert)!;
  const dear = chain.transaction(chain.expertKeys(expert), {
    type: 'expert.update',
    expert: { ...profile, priceInPerByte: 1_000n, priceOutPerByte: 10_000n, priceQuotePerByte: 10_000n },
  });
  assert.deepEqual(chain.codes(dear), ['OK']);
  assert.equal(open({ maxFee: 30_000n }), 'MAX_FEE_TOO_LOW', 'others would do it for that');
  assert.equal(open({ maxFee: 30_000n, expert: null }), 'OK');
});

test('market §16.2: nobody else is drawn, whatever the beacon; masks hold', () => {
  const { chain, contract, expert } = named();
  for (let turn = 0; turn < 8; turn++) {
    const id = chain.open(contract);
    assert.deepEqual(
      chain.query(id).respondents.map((slot) => slot.expert),
      [expert],
    );
  }
  const own = chain.open({ ...contract, coordinator: chain.validators[1]!.address });
  assert.deepEqual(chain.query(own).respondents, []);
});

test('market §16.3: its answer is judged and paid, and moves neither reputation nor rewards', () => {
  const { chain, contract, expert } = named();
  const before = readReputation(chain.state, expert, 'general');
  const receipt = settledReceipt(chain, chain.open(contract));
  assert.equal(receipt.outcome, 'answered');
  assert.equal(receipt.respondents[0]!.score, 900_000);
  assert.ok(receipt.respondents[0]!.paid > 0n);
  assert.deepEqual(readReputation(chain.state, expert, 'general'), before);
  assert.deepEqual(readTally(chain.state, expert), []);
  assert.equal(readOutcomes(chain.state).count, 0);
  assert.ok(readAttendance(chain.state).length > 0, 'those who scored did their duty');
  assert.equal(readExpert(chain.state, expert)!.active, 0);
  settledReceipt(chain, chain.open({ ...contract, expert: null }));
  assert.equal(readOutcomes(chain.state).count, 1, 'drawn, the same answer counts');
});

test('market §16.3: silence trips the breaker, and is no sign of an outage', () => {
  const { chain, contract, expert } = named();
  const id = chain.open(contract);
  while (chain.query(id).phase !== 'settled') chain.next();
  assert.equal(readExpert(chain.state, expert)!.breaker.failures, 1);
  assert.deepEqual(readOutcomes(chain.state), { silent: 0, count: 0 });
  assert.equal(readReputation(chain.state, expert, 'general').answers, 0);
});

test('market §16.4: a calibration asks whom the beacon draws', () => {
  const { chain, contract } = named();
  const calibrator = chain.validators[0]!;
  chain.next({ transactions: [chain.transfer(user, calibrator.address, 1_000_000_000n)] });
  const gold = ['Paris'];
  const seal = sealHash(calibrator.address, salt, gold);
  const codes = [contract, { ...contract, expert: null }].map((asked) => {
    const id = chain.open({ ...asked, seal });
    settledReceipt(chain, id);
    return chain.codes(chain.transaction(calibrator, { type: 'calibration.reveal', queryId: id, salt, gold }))[0];
  });
  assert.deepEqual(codes, ['QUERY_DIRECTED', 'OK']);
});

test('market §15, §16.2: a receipt with a stranger among the candidates is refused', () => {
  const { chain, contract, expert } = named();
  const receipt = settledReceipt(chain, chain.open(contract));
  assert.deepEqual(recheckReceipt(receipt), []);
  const stranger = chain.validators[2]!.expert.address;
  const forged = { ...receipt, contract: { ...receipt.contract, expert: stranger } };
  assert.match(recheckReceipt(forged).join(), new RegExp(`${expert} is a candidate, though another was asked by name`));
});

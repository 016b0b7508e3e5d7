/** Opening a query (market §2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CHAIN_LIMITS,
  checkSupply,
  contractProblem,
  type QueryContract,
  readParams,
  readSupply,
} from '../../src/index.ts';
import { TestChain, user } from '../test-chain.ts';

test('market §2.2: each bound is named', () => {
  const chain = new TestChain();
  const params = readParams(chain.state);
  const problem = (contract: Partial<QueryContract>) => contractProblem(chain.contract(contract), params);
  assert.equal(problem({}), null);
  assert.equal(problem({ prompt: '' }), 'prompt');
  assert.equal(problem({ prompt: ' \n ' }), 'prompt');
  assert.equal(problem({ prompt: '\ud800' }), 'prompt');
  assert.equal(problem({ prompt: 'ä'.repeat(4096) }), null);
  assert.equal(problem({ prompt: 'ä'.repeat(4097) }), 'prompt');
  assert.equal(problem({ domain: 'General' }), 'domain');
  assert.equal(problem({ respondents: 0 }), 'respondents');
  assert.equal(problem({ respondents: 8 }), null);
  assert.equal(problem({ respondents: 9 }), 'respondents');
  assert.equal(problem({ rounds: 5 }), 'rounds');
  assert.equal(problem({ threshold: 800_000 }), null);
  assert.equal(problem({ threshold: 800_001 }), 'threshold');
  assert.equal(problem({ basePart: 100_000 }), null);
  assert.equal(problem({ basePart: 99_999 }), 'basePart');
  assert.equal(problem({ maxFee: 1n }), 'maxFee');
  for (const window of ['answerWindow', 'revealWindow', 'scoreWindow', 'scoreRevealWindow'] as const) {
    assert.equal(problem({ [window]: CHAIN_LIMITS[`${window}Min`] }), null);
    assert.equal(problem({ [window]: CHAIN_LIMITS[`${window}Min`] - 1 }), window);
    assert.equal(problem({ [window]: params.windowMax }), null);
    assert.equal(problem({ [window]: params.windowMax + 1 }), window);
  }
});

test('market §2.1, §2.3: refusals against state cost the fee only; success escrows maxFee', () => {
  const chain = new TestChain();
  const open = (contract: Partial<QueryContract>) =>
    chain.codes(chain.transaction(user, { type: 'query.open', contract: chain.contract(contract) }))[0];
  assert.equal(open({ coordinator: user.address }), 'COORDINATOR_UNKNOWN');
  assert.equal(open({ domain: 'unheard-of' }), 'DOMAIN_UNKNOWN');
  // The prompt costs 30 · 10 and one byte of answer 100: 400 nano for each of two respondents.
  assert.equal(open({ maxFee: 799n }), 'MAX_FEE_TOO_LOW');
  assert.equal(open({ maxFee: 2_000_000_000_000n }), 'INSUFFICIENT_BALANCE');
  assert.equal(readSupply(chain.state).escrowed, 0n);
  assert.equal(open({ maxFee: 800n }), 'OK');
  assert.equal(readSupply(chain.state).escrowed, 800n);
  assert.equal(checkSupply(chain.state).ok, true);
});

test('market §2.3: the number of open queries is bounded', () => {
  const chain = new TestChain();
  const open = () => chain.transaction(user, { type: 'query.open', contract: chain.contract() });
  const transactions = Array.from({ length: CHAIN_LIMITS.openQueriesMax + 1 }, open);
  const codes = chain.codes(...transactions);
  assert.deepEqual(new Set(codes.slice(0, -1)), new Set(['OK']));
  assert.equal(codes.at(-1), 'OPEN_QUERIES_FULL');
});

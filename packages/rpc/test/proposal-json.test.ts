/** Proposals of parameters as JSON (staking §8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address, Hash, ParamsProposal } from '@synod/chain';
import { ParamsProposalJson, paramsProposalJson } from '../src/json/proposal.ts';
import { PayloadJson, transactionJson } from '../src/json/transaction.ts';
import { addressOfName, hashOfName, signedTransaction } from './fixture/small-chain.ts';

const id: Hash = hashOfName('proposal');
const voter: Address = addressOfName('val-0');
const changes = [{ name: 'staking.selfBondMin', value: (1n << 64n) - 1n }];

test('an open proposal is told with its count; every number that may be large is text', () => {
  const proposal: ParamsProposal = {
    id,
    proposer: addressOfName('alice'),
    title: 'More of their own',
    changes,
    deposit: 10_000_000_000n,
    openedAt: 3,
    votingEndsAt: 7_203,
    phase: 'voting',
    votes: [{ validator: voter, choice: 'abstain' }],
  };
  const json = paramsProposalJson(proposal, { yes: 0n, no: 0n, abstain: 5n, total: 40n });
  assert.deepEqual(ParamsProposalJson.parse(json), json);
  assert.equal(json.proposal, `0x${id}`);
  assert.deepEqual(json.changes, [{ name: 'staking.selfBondMin', value: '18446744073709551615' }]);
  assert.deepEqual(json.tally, { yes: '0', no: '0', abstain: '5', total: '40' });
});

test('the payloads of a vote are told whole', () => {
  for (const payload of [
    { type: 'params.propose', title: 'x', changes, deposit: 1n },
    { type: 'params.vote', proposal: id, choice: 'no' },
  ] as const) {
    const json = transactionJson(signedTransaction('alice', payload, 'salt')).payload;
    assert.deepEqual(PayloadJson.parse(json), json);
    assert.deepEqual(Object.keys(json), Object.keys(payload));
  }
});

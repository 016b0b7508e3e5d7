/** A round keeps the rule of aggregation that it opened under, and so does its version (learning §4.1, §9.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learningWork, readParams, transactionId } from '../../src/index.ts';
import { SYN, type TestChain, user } from '../test-chain.ts';
import { learningChain, lineOf, plant, playRound, roundOf, until, versionAt } from './play-round.ts';

test('a vote in mid-round or later changes nothing of its rule, nor of what is recorded', () => {
  const chain = learningChain({
    learning: { trainWindow: 60 },
    staking: { epochHeights: 4 },
    voting: { votingHeights: 10, depositMin: SYN },
  });
  const { aggregator, normMax, shardCopies } = chain.genesis.params.learning;
  const rule = { aggregator, normMax, shardCopies };
  chain.next({ transactions: chain.validators.map(({ address, expert }) => chain.transfer(expert, address, SYN)) });
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'training');
  const opened = roundOf(chain);
  assert.deepEqual(opened.rule, rule);
  const shards = () => {
    const experts = opened.trainers.map(({ expert }) => expert);
    return learningWork(chain.state, { operator: null, experts }).train.map(({ shard }) => shard);
  };
  const dealt = shards();
  assert.deepEqual([...new Set(dealt.map(({ length }) => length))], [shardCopies]);
  const other = { aggregator: 3, normMax: 7, shardCopies: 3 };
  passVote(chain, other);
  assert.deepEqual([roundOf(chain).rule, roundOf(chain).phase], [rule, 'training']);
  assert.deepEqual(shards(), dealt);
  playRound(chain);
  assert.deepEqual(versionAt(chain, 1).rule, { aggregator, normMax });
  // The next round opens under what was voted, and its version has that.
  while (lineOf(chain).canary !== null) chain.next();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'training');
  assert.deepEqual(roundOf(chain).rule, other);
  assert.deepEqual([...new Set(shards().map(({ length }) => length))], [3]);
  playRound(chain);
  assert.deepEqual(versionAt(chain, 2).rule, { aggregator: 3, normMax: 7 });
  assert.deepEqual(versionAt(chain, 1).rule, { aggregator, normMax });
});

/** Every validator votes for these values of `learning`; returns when they are in force. */
function passVote(chain: TestChain, values: Readonly<Record<string, number>>): void {
  const changes = Object.entries(values).map(([name, value]) => ({ name: `learning.${name}`, value: BigInt(value) }));
  const payload = { type: 'params.propose', title: 'Another rule', changes, deposit: SYN } as const;
  const proposal = chain.transaction(user, payload);
  assert.deepEqual(chain.codes(proposal), ['OK']);
  const vote = { type: 'params.vote', proposal: transactionId(proposal.body), choice: 'yes' } as const;
  const votes = chain.validators.map((validator) => chain.transaction(validator, vote));
  assert.deepEqual(chain.codes(...votes), ['OK', 'OK', 'OK', 'OK']);
  const [[name, value]] = Object.entries(values) as [[string, number]];
  const inForce = () => readParams(chain.state).learning as unknown as Readonly<Record<string, unknown>>;
  for (let blocks = 0; inForce()[name] !== value; blocks++) {
    assert.ok(blocks < 20, 'the vote never acts');
    chain.next();
  }
}

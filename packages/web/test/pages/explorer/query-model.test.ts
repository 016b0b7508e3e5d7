import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitSummary } from '../../../src/pages/explorer/commit-model.ts';
import { agreementOf, checkBill, drawLines, scoreMatrix, stepsOf } from '../../../src/pages/explorer/query-model.ts';
import { mergeBlocks, nextHeight } from '../../../src/pages/explorer/recent-blocks.ts';

const line = (amount: string) => ({ kind: 'scorer' as const, account: 'syn1a', amount, text: '' });
const respondent = (expert: string, score: string | null) => ({ expert, name: expert, score }) as never;

test('a bill adds up, or is said not to', () => {
  const query = { bill: [line('7'), line('9007199254740993')], cost: '9007199254741000', refund: '5' };
  assert.deepEqual(checkBill(query, '9007199254741005'), {
    linesSum: 9_007_199_254_741_000n,
    isSum: true,
    escrow: 9_007_199_254_741_005n,
    isEscrow: true,
  });
  for (const cost of ['9007199254740999', '9007199254741001'])
    assert.equal(checkBill({ ...query, cost }, null)?.isSum, false, cost);
  for (const fee of ['1', '9007199254741004', '9007199254741006'])
    assert.equal(checkBill(query, fee)?.isEscrow, false, fee);
  assert.equal(checkBill(query, null)?.isEscrow, null);
  assert.equal(checkBill({ ...query, cost: null }, null), null);
});

test('scores stand by validator and expert, with gaps where none was given', () => {
  const scores = [
    { validator: 'v2', respondent: 'a', score: '0.900' },
    { validator: 'v1', respondent: 'b', score: '0.100' },
  ];
  const matrix = scoreMatrix({ respondents: [respondent('a', '0.900'), respondent('b', null)], scores });
  assert.deepEqual(matrix.rows, [
    { validator: 'v1', scores: [null, '0.100'] },
    { validator: 'v2', scores: ['0.900', null] },
  ]);
});

test('agreement is how near scores are to what counted', () => {
  const respondents = [respondent('a', '0.900')];
  const scores = [0.8, 0.9, 1].map((score) => ({ validator: `v${score}`, respondent: 'a', score: score.toFixed(3) }));
  assert.equal(agreementOf({ respondents, scores }), 933_333);
  assert.equal(agreementOf({ respondents, scores: [] }), null);
});

test('candidates are sorted by weights beyond what floats hold, and the drawn ones have their place', () => {
  const candidate = (expert: string, weight: string) => ({
    expert,
    name: expert,
    weight,
    share: '0.5',
    factors: null,
    operator: 'o',
  });
  const lines = drawLines({
    candidates: [candidate('a', '9007199254740992'), candidate('b', '9007199254740993')],
    draws: [{ expert: 'a', name: 'a', drawn: '1', total: '2' }],
  });
  assert.deepEqual(
    lines.map(({ expert, drawn }) => [expert, drawn]),
    [
      ['b', null],
      ['a', 1],
    ],
  );
});

test('steps: what is done, what is now, what comes', () => {
  const states = (status: 'pending' | 'open' | 'settled' | 'final', phase: string | null) =>
    stepsOf({ status, phase })
      .map(({ state }) => state[0])
      .join('');
  assert.equal(states('pending', null), 'nnnnn');
  assert.equal(states('open', 'answering'), 'dnnnn');
  assert.equal(states('open', 'scoreRevealing'), 'ddnnn');
  assert.equal(states('final', 'settled'), 'ddddd');
  assert.deepEqual(
    stepsOf({ status: 'open', phase: 'revealing' }).map(({ state }) => state),
    ['done', 'now', 'next', 'next', 'next'],
  );
});

test('who signed: by index in the set, and whether it is more than two thirds', () => {
  const validators = ['a', 'b', 'c'].map((operator) => ({ operator, power: '10', publicKey: '', vrfKey: '' }));
  const precommit = (validator: number) => ({ validator, signature: '', extension: '', extensionSignature: '' });
  const commit = (...who: number[]) => ({ height: '1', round: 0, blockHash: '', precommits: who.map(precommit) });
  const two = commitSummary({ commit: commit(0, 2), validators });
  assert.deepEqual(
    two.signers.map(({ hasSigned }) => hasSigned),
    [true, false, true],
  );
  assert.deepEqual([two.signed, two.signedPower, two.isQuorum], [2, 20n, false]);
  assert.equal(commitSummary({ commit: commit(0, 1, 2), validators }).isQuorum, true);
});

const block = (height: number) => ({ height: String(height), hash: `h${height}` });

test('blocks: each once, the newest first, without gaps, no more than wanted', () => {
  const have = [block(5), block(4)];
  assert.deepEqual(
    mergeBlocks(have, [block(6), block(5)], 3).map(({ height }) => height),
    ['6', '5', '4'],
  );
  assert.deepEqual(
    mergeBlocks(have, [block(9), block(8)], 10).map(({ height }) => height),
    ['9', '8'],
  );
  assert.equal(mergeBlocks(have, [block(6)], 2).length, 2);
});

test('blocks: asked for from after the newest, or from the oldest that is shown', () => {
  assert.equal(nextHeight([], { head: 100, count: 20 }), 81);
  assert.equal(nextHeight([block(99)], { head: 100, count: 20 }), 100);
  assert.equal(nextHeight([block(3)], { head: 100, count: 20 }), 81);
  assert.equal(nextHeight([], { head: 3, count: 20 }), 1);
  assert.equal(nextHeight([block(100)], { head: 5, count: 20 }), 1, 'the chain began anew');
});

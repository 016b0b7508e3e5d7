/** Committees and absent scorers (market §6.9, §6.10). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, drawByPower, type Hash } from '../../src/index.ts';
import { generated, TestChain } from '../test-chain.ts';
import { openingOf, settle } from './plays.ts';

const seedOf = (at: number) => at.toString(16).padStart(64, '0') as Hash;
const entriesOf = (powers: readonly bigint[]) => powers.map((power, at) => ({ operator: `v${at}` as Address, power }));

test('market §6.9: a draw by power takes as many as asked, each once, nobody without power, in the order given', () => {
  const powers = fc.array(fc.bigInt(0n, 1000n), { maxLength: 12 });
  fc.assert(
    fc.property(powers, fc.nat(14), fc.nat(1000), (given, count, seed) => {
      const entries = entriesOf(given);
      const drawn = drawByPower(seedOf(seed), entries, count);
      assert.equal(drawn.length, Math.min(count, given.filter((power) => power > 0n).length));
      assert.deepEqual(
        drawn,
        entries.filter((entry) => drawn.includes(entry)),
      );
      assert.ok(drawn.every(({ power }) => power > 0n));
    }),
  );
});

test('market §6.9: the chance of a place follows power', () => {
  const entries = entriesOf([1n, 3n]);
  const heavy = Array.from({ length: 1000 }, (_, at) => drawByPower(seedOf(at), entries, 1)[0]).filter(
    (entry) => entry === entries[1],
  );
  assert.ok(Math.abs(heavy.length - 750) < 60, `${heavy.length}`);
});

test('market §6.9: above scorersMax a committee scores, drawn anew for each query; below it everybody does', () => {
  const chain = new TestChain({ powers: [10n, 10n, 10n, 10n, 10n, 10n], params: { market: { scorersMax: 3 } } });
  const committees = new Set<string>();
  for (let query = 0; query < 4; query++) {
    const { scorers } = chain.query(chain.open());
    assert.equal(scorers.length, 3);
    assert.deepEqual(
      scorers,
      scorers.toSorted((a, b) => (a.operator < b.operator ? -1 : 1)),
    );
    committees.add(scorers.map(({ operator }) => operator).join());
  }
  assert.ok(committees.size > 1);
  const whole = new TestChain({ params: { market: { scorersMax: 4 } } });
  assert.equal(whole.query(whole.open()).scorers.length, 4);
});

test('market §6.9: who is not of the committee has no say, and the quorum is the committee’s', () => {
  const chain = new TestChain({ powers: [10n, 10n, 10n, 10n, 10n, 10n], params: { market: { scorersMax: 3 } } });
  const id = chain.open({ respondents: 1, scoreWindow: 4, scoreRevealWindow: 4 });
  chain.answer(id, [generated('Paris')]);
  const members = chain.query(id).scorers.map(({ operator }) => operator);
  const receipt = settle(chain, id);
  assert.ok(receipt.scores.every(({ validator }) => members.includes(validator)));
  assert.equal(receipt.outcome, 'answered');
});

/** A chain whose last validator has signed nothing for longer than the rule allows, with a query that waits for scores. */
function withAbsent(): { readonly chain: TestChain; readonly id: Hash } {
  const chain = new TestChain({ params: { absenceHeights: 3 } });
  const id = chain.open({ scoreWindow: 50, scoreRevealWindow: 50, answerWindow: 50 });
  for (let height = 0; height < 6; height++) chain.next({ absent: [3] });
  const answers = [generated('Paris'), generated('Rome!')];
  chain.next({ transactions: chain.commits(id, answers), absent: [3] });
  chain.next({ transactions: chain.reveals(id, answers), absent: [3] });
  return { chain, id };
}

test('market §6.10: a scorer that is absent by the rotation’s rule is not waited for', () => {
  const { chain, id } = withAbsent();
  const openings = [0, 1, 2].map((at) => [at, openingOf(chain, id, at)] as const);
  chain.next({ absent: [3] });
  assert.equal(chain.query(id).phase, 'scoring', 'those present are');
  const commits = openings.map(([at, { scores }]) => [at, [chain.scoreCommit(id, at, scores)]] as const);
  chain.next({ absent: [3], items: new Map(commits) });
  assert.equal(chain.query(id).phase, 'scoreRevealing');
  const reveals = openings.map(([at, { scores }]) => [at, [chain.scoreReveal(id, at, scores)]] as const);
  const { results } = chain.next({ absent: [3], items: new Map(reveals) });
  assert.equal(results.receipts.length, 1);
});

test('market §6.10: it may score all the same; without any score the window stays open for it', () => {
  const { chain, id } = withAbsent();
  const { scores } = openingOf(chain, id, 3);
  chain.next({ absent: [3] });
  chain.next({ items: new Map([[3, [chain.scoreCommit(id, 3, scores)]]]) });
  assert.notEqual(chain.query(id).scorers[3]?.commitment, null);
});

test('market §6.10: where nobody has delivered, nobody’s absence closes the window', () => {
  const chain = new TestChain({ params: { absenceHeights: 3, market: { scorersMax: 1 } } });
  const away = chain.validators[3]!.address;
  for (let height = 0; height < 6; height++) chain.next({ absent: [3] });
  for (;;) {
    const id = chain.open({ respondents: 1, scoreWindow: 20 });
    const { scorers, respondents } = chain.query(id);
    for (let height = 0; height < 5; height++) chain.next({ absent: [3] });
    if (scorers[0]?.operator !== away || respondents[0]?.operator === away) continue;
    const answers = [generated('Paris')];
    chain.next({ transactions: chain.commits(id, answers), absent: [3] });
    chain.next({ transactions: chain.reveals(id, answers), absent: [3] });
    chain.next({ absent: [3] });
    assert.equal(chain.query(id).phase, 'scoring');
    return;
  }
});

/** Which score items of vote extensions count (DESIGN §9, market §6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  type ChainEvent,
  checkSupply,
  eligibleGroups,
  type GroupScore,
  type Hash,
  type Receipt,
  readPool,
  type ScoreItem,
} from '../../src/index.ts';
import { leaving } from '../staking/staker.ts';
import { eventTypes, generated, SYN, TestChain, type TestValidator, user } from '../test-chain.ts';

const SCORE = 700_000;

/** A query that waits for scores of two different answers. */
function scoring(windows = {}): { chain: TestChain; id: Hash } {
  const chain = new TestChain();
  const id = chain.open({ scoreWindow: 4, scoreRevealWindow: 4, ...windows });
  chain.answer(id, [generated('Paris'), generated('Rome!')]);
  return { chain, id };
}

function scores(chain: TestChain, id: Hash, position: number, score = SCORE): GroupScore[] {
  return eligibleGroups(chain.query(id), chain.validators[position]!.address).map((group) => ({ group, score }));
}

function items(make: (position: number) => readonly ScoreItem[], positions = [0, 1, 2, 3]) {
  return { items: new Map(positions.map((position) => [position, make(position)])) };
}

function commitAll(chain: TestChain, id: Hash, positions = [0, 1, 2, 3]): void {
  chain.next(items((at) => [chain.scoreCommit(id, at, scores(chain, id, at))], positions));
}

function revealAll(chain: TestChain, id: Hash, positions = [0, 1, 2, 3]): Receipt[] {
  const { results } = chain.next(items((at) => [chain.scoreReveal(id, at, scores(chain, id, at))], positions));
  return [...results.receipts];
}

const revealed = (chain: TestChain, id: Hash): boolean[] =>
  chain.query(id).scorers.map((scorer) => scorer.scores !== null);

test('market §6.2: a validator may score exactly the groups without a member of its operator', () => {
  const { chain, id } = scoring();
  const query = chain.query(id);
  for (const { address } of chain.validators) {
    const own = query.respondents.flatMap(({ operator, group }) => (operator === address ? [group] : []));
    assert.deepEqual(
      eligibleGroups(query, address),
      [0, 1].filter((group) => !own.includes(group)),
    );
  }
});

test('market §6.4: a reveal before the commit window closed does not count, with or without its commit', () => {
  const { chain, id } = scoring();
  // Commit and reveal together, and a reveal in the next block while others have not committed.
  const both = (at: number): ScoreItem[] => [
    chain.scoreCommit(id, at, scores(chain, id, at)),
    chain.scoreReveal(id, at, scores(chain, id, at)),
  ];
  chain.next(items(both, [0]));
  chain.next(items(both, [0]));
  assert.equal(chain.query(id).phase, 'scoring');
  assert.deepEqual(revealed(chain, id), [false, false, false, false]);
  // Even when the last commits arrive in the same block as a reveal.
  chain.next(items(both, [0, 1, 2, 3]));
  assert.equal(chain.query(id).phase, 'scoreRevealing');
  assert.deepEqual(revealed(chain, id), [false, false, false, false]);
  assert.equal(revealAll(chain, id)[0]?.outcome, 'answered');
});

function slashes(events: readonly ChainEvent[]): [Address, bigint][] {
  return events.flatMap((event) =>
    event.type === 'validator.slashed' && event.reason === 'misreveal'
      ? [[event.validator, event.amount] as const]
      : [],
  ) as [Address, bigint][];
}

test('market §6.8: a reveal that does not open its commitment costs 0.1 % of stake, once per query, and is in the receipt', () => {
  const { chain, id } = scoring();
  const [liar] = chain.validators as [TestValidator];
  commitAll(chain, id);
  const lie = chain.scoreReveal(id, 0, scores(chain, id, 0, 1));
  const honest = chain.scoreReveal(id, 1, scores(chain, id, 1));
  const { events } = chain.next({
    items: new Map([
      [0, [lie, lie]],
      [1, [honest]],
    ]),
  });
  assert.deepEqual(eventTypes(events), ['score.misrevealed', 'validator.slashed', 'score.revealed']);
  assert.deepEqual(slashes(events), [[liar.address, SYN / 100n]]);
  assert.equal(readPool(chain.state, liar.address)?.tokens, (10n * SYN * 999n) / 1000n);
  assert.equal(readPool(chain.state, liar.address)?.status, 'active');
  assert.deepEqual(slashes(chain.next({ items: new Map([[0, [lie]]]) }).events), []);
  assert.ok(checkSupply(chain.state).ok);
  const [receipt] = revealAll(chain, id);
  assert.deepEqual(receipt?.misrevealed, [liar.address]);
});

test('market §6.8: stake on its way out pays as well; another query is another offence', () => {
  const { chain, id } = scoring();
  const [liar] = chain.validators as [TestValidator];
  chain.next({
    transactions: [chain.transaction(user, { type: 'delegate', validator: liar.address, amount: 5n * SYN })],
  });
  chain.next({
    transactions: [chain.transaction(user, { type: 'undelegate', validator: liar.address, amount: 5n * SYN })],
  });
  const early = chain.scoreReveal(id, 0, scores(chain, id, 0));
  assert.deepEqual(slashes(chain.next({ items: new Map([[0, [early]]]) }).events), [
    [liar.address, (15n * SYN) / 1000n],
  ]);
  assert.deepEqual(leaving(chain, liar.address, user), [(5n * SYN * 999n) / 1000n]);
  const second = chain.open({ scoreWindow: 4, scoreRevealWindow: 4 });
  assert.equal(chain.query(second).phase, 'answering');
  const tooEarly: ScoreItem = {
    kind: 'score.reveal',
    queryId: second,
    salt: new Uint8Array(32),
    scores: [],
    checks: [],
  };
  const { events } = chain.next({ items: new Map([[0, [tooEarly]]]) });
  assert.deepEqual(events[0], { type: 'score.misrevealed', queryId: second, validator: liar.address, fault: 'early' });
  assert.equal(slashes(events).length, 1);
  assert.ok(checkSupply(chain.state).ok);
});

test('market §6.8: nobody pays for a right reveal, repeated or up to eight heights late; later it is an offence', () => {
  const { chain, id } = scoring();
  commitAll(chain, id);
  const faults = (events: readonly ChainEvent[]): string[] =>
    events.flatMap((event) => (event.type === 'score.misrevealed' ? [event.fault] : []));
  const again = (at: number) => chain.next(items((who) => [chain.scoreReveal(id, who, scores(chain, id, who))], [at]));
  assert.deepEqual(faults(again(0).events), []);
  assert.deepEqual(faults(again(0).events), []);
  revealAll(chain, id);
  const { deadline, phase } = chain.query(id);
  assert.equal(phase, 'settled');
  assert.equal(deadline, chain.height);
  while (chain.height < deadline + 7) chain.next();
  assert.deepEqual(faults(again(1).events), []);
  assert.deepEqual(faults(again(1).events), ['late']);
  assert.equal(chain.height, deadline + 9);
  const wrong = chain.scoreReveal(id, 2, scores(chain, id, 2, 1));
  assert.deepEqual(faults(chain.next({ items: new Map([[2, [wrong]]]) }).events), ['mismatch']);
  // Whoever committed to nothing opens nothing.
  const other = scoring();
  commitAll(other.chain, other.id, [1, 2, 3]);
  while (other.chain.query(other.id).phase !== 'scoreRevealing') other.chain.next();
  assert.deepEqual(faults(revealAllEvents(other.chain, other.id, 0)), []);
});

function revealAllEvents(chain: TestChain, id: Hash, at: number): readonly ChainEvent[] {
  return chain.next(items((who) => [chain.scoreReveal(id, who, scores(chain, id, who))], [at])).events;
}

test('market §6.3: a commitment after its window is ignored, and who did not commit is not waited for', () => {
  const { chain, id } = scoring();
  commitAll(chain, id, [0, 1, 2]);
  for (let height = 0; height < 3; height += 1) chain.next();
  assert.equal(chain.query(id).phase, 'scoreRevealing');
  commitAll(chain, id, [3]);
  assert.equal(chain.query(id).scorers[3]!.commitment, null);
  const [receipt] = revealAll(chain, id, [0, 1, 2, 3]);
  assert.equal(receipt?.outcome, 'answered');
  assert.ok(receipt?.scores.every(({ validator }) => validator !== chain.validators[3]!.address));
});

test('market §6.4: a reveal after its window is ignored', () => {
  const { chain, id } = scoring();
  commitAll(chain, id);
  for (let height = 0; height < 3; height += 1) chain.next();
  assert.equal(chain.query(id).phase, 'scoreRevealing');
  // The deadline's own block still counts items.
  const [receipt] = revealAll(chain, id, [0, 1]);
  assert.equal(receipt?.scores.length, scores(chain, id, 0).length + scores(chain, id, 1).length);
  assert.deepEqual(revealAll(chain, id, [2, 3]), []);
});

test('market §6.4: a reveal must open its own commitment and cover exactly its groups in order', () => {
  const { chain, id } = scoring();
  commitAll(chain, id);
  const full = chain.validators.findIndex(({ address }) => eligibleGroups(chain.query(id), address).length === 2);
  const own = scores(chain, id, full);
  const wrong: GroupScore[][] = [
    own.map((entry) => ({ ...entry, score: 1 })),
    own.slice(0, 1),
    [...own].reverse(),
    [...own, { group: 2, score: SCORE }],
    [],
  ];
  // The neighbour sends the right scores under a commitment that is not its own.
  const stolen = chain.scoreReveal(id, full, own);
  chain.next({
    items: new Map([
      [full, wrong.map((list) => chain.scoreReveal(id, full, list))],
      [(full + 1) % 4, [stolen]],
    ]),
  });
  assert.deepEqual(revealed(chain, id), [false, false, false, false]);
  const salt = new Uint8Array(32);
  chain.next({ items: new Map([[full, [{ kind: 'score.reveal', queryId: id, salt, scores: own, checks: [] }]]]) });
  assert.deepEqual(revealed(chain, id), [false, false, false, false]);
  chain.next({ items: new Map([[full, [chain.scoreReveal(id, full, own)]]]) });
  assert.equal(revealed(chain, id)[full], true);
});

test('market §6.2: a committed list that includes the own group does not count even when it opens the commitment', () => {
  const { chain, id } = scoring();
  const masked = chain.validators.findIndex(({ address }) => eligibleGroups(chain.query(id), address).length === 1);
  const both = [0, 1].map((group) => ({ group, score: SCORE }));
  chain.next(items((at) => [chain.scoreCommit(id, at, at === masked ? both : scores(chain, id, at))]));
  assert.equal(chain.query(id).phase, 'scoreRevealing');
  chain.next({ items: new Map([[masked, [chain.scoreReveal(id, masked, both)]]]) });
  assert.deepEqual(revealed(chain, id), [false, false, false, false]);
});

test('market §6.3, §6.4: the first commitment and the first reveal win', () => {
  const { chain, id } = scoring();
  const first = (at: number) => chain.scoreCommit(id, at, scores(chain, id, at));
  const second = (at: number) => chain.scoreCommit(id, at, scores(chain, id, at, 1));
  chain.next(items((at) => [first(at), second(at)]));
  const wrong = (at: number) => chain.scoreReveal(id, at, scores(chain, id, at, 1));
  chain.next(items((at) => [wrong(at)]));
  assert.deepEqual(revealed(chain, id), [false, false, false, false]);
  assert.equal(revealAll(chain, id)[0]?.respondents[0]?.score, SCORE);
});

test('market §6.5: items about unknown and settled queries are ignored and the block stays valid', () => {
  const { chain, id } = scoring();
  const unknown: ScoreItem = { kind: 'score.commit', queryId: 'ee'.repeat(32) as Hash, commitment: id };
  chain.next(items(() => [unknown]));
  commitAll(chain, id);
  revealAll(chain, id);
  const settled = chain.query(id);
  revealAll(chain, id);
  assert.deepEqual(chain.query(id), settled);
});

test('market §6.7: half of the eligible power is not enough, more than half is', () => {
  for (const [revealers, expected] of [
    [1, 'unscored'],
    [2, 'answered'],
  ] as const) {
    const chain = new TestChain();
    const id = chain.open({ respondents: 1, scoreWindow: 4, scoreRevealWindow: 4 });
    chain.answer(id, [generated('Paris')]);
    const able = [0, 1, 2, 3].filter((at) => scores(chain, id, at).length > 0).slice(0, revealers);
    commitAll(chain, id, able);
    for (let height = 0; height < 3; height += 1) chain.next();
    const [receipt] = revealAll(chain, id, able);
    assert.equal(receipt?.outcome, expected);
    // 800 nano due: the base part alone is 160, with 0.7 it is 800 · 0.76 = 608.
    assert.equal(receipt?.respondents[0]?.paid, expected === 'answered' ? 608n : 160n);
    assert.equal(receipt?.best, 0);
  }
});

test('market §6.6: when nobody commits the query settles unscored at the deadline', () => {
  const { chain, id } = scoring();
  const receipts = [1, 2, 3, 4].map(() => chain.next().results.receipts[0]?.outcome);
  assert.deepEqual(receipts, [undefined, undefined, undefined, 'unscored']);
  assert.equal(chain.query(id).phase, 'settled');
});

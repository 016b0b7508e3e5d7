/**
 * Bad input to the market: each has one clear refusal or one settled receipt, and no nano is lost. The items of the list and
 * the tests that cover them (`here` is this file):
 *
 * | bad input                              | covered by |
 * |----------------------------------------|------------|
 * | answers late                           | here: what comes after its window |
 * | answers absent                         | packages/chain/test/market/answers.test.ts: nobody commits, or nobody reveals |
 * |                                        | packages/node/test/host/market.test.ts: silent work is not waited for |
 * | answers empty, over-long               | packages/chain/test/market/answers.test.ts: what an answer must look like |
 * |                                        | here: an answer beyond the bound |
 * | answers not matching their commit      | packages/chain/test/market/answers.test.ts: a reveal opens its own commitment |
 * | a commitment copied from another       | here: a copied commitment |
 * | a commitment of another round          | packages/chain/test/market/rounds.test.ts: a commitment binds what was seen of the round before |
 * | contracts: respondents, windows, rounds, threshold | packages/chain/test/market/opening.test.ts: each bound is named |
 * | contracts: fee, domain, coordinator    | packages/chain/test/market/opening.test.ts: refusals against state cost the fee only |
 * | contracts: shares                      | here: contracts that cannot be met |
 * | contracts: private without a hash      | packages/chain/test/market/privacy.test.ts: never both and never neither |
 * | messages of the wrong role             | packages/chain/test/market/roles.test.ts |
 * | replayed, reordered, duplicated: transactions and vote items | here: whatever is sent again |
 * | a scorer's item of an earlier height   | here: a scorer that says everything again |
 * | replayed, reordered, duplicated: messages between nodes | packages/node/test/host/network.test.ts: lost and late messages |
 * |                                        | packages/node/test/host/hostile-peers.test.ts: stale messages are ignored |
 * |                                        | packages/simulator/test/schedule.test.ts: nothing fails |
 * | a coordinator that lies                | packages/node/test/host/hostile-peers.test.ts: nobody speaks for an expert |
 * |                                        | test/e2e/coordinator.ts: does not hold |
 * | a coordinator that vanishes            | test/e2e/coordinator.ts: killed right after |
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import {
  type Answer,
  CHAIN_LIMITS,
  checkSupply,
  contractProblem,
  encodeAnswer,
  type Hash,
  type QueryContract,
  type Receipt,
  readAccount,
  readParams,
  readSupply,
  type ScoreItem,
  type Transaction,
  transactionId,
} from '../../src/index.ts';
import { generated, type Keys, TestChain, user } from '../test-chain.ts';
import { openingOf } from './plays.ts';

const root = resolve(fileURLToPath(new URL('../../../..', import.meta.url)));

test('the table above names files and tests that exist', () => {
  const text = readFileSync(import.meta.filename, 'utf8').split('*/')[0]!;
  const named = [...text.matchAll(/((?:packages|test)\/\S+\.ts)(?:: ([^;|]+))?/g)];
  assert.ok(named.length >= 15);
  for (const [, file = '', title] of named) {
    const source = readFileSync(join(root, file), 'utf8');
    if (title !== undefined) assert.ok(source.includes(title.trim()), `${file} has no test "${title.trim()}"`);
  }
  const own = readFileSync(import.meta.filename, 'utf8').slice(text.length);
  for (const [, title = ''] of text.matchAll(/\| here: ([^|\n]+) \|/g))
    assert.ok(own.includes(`test('${title.trim()}`), title);
});

test('what comes after its window counts for nothing, and its author is paid nothing', () => {
  const chain = new TestChain();
  const id = chain.open({ answerWindow: 2, revealWindow: 2 });
  const answers = [generated('Paris'), generated('Rome')];
  const [early, late] = chain.commits(id, answers);
  chain.next({ transactions: [early!] });
  while (chain.query(id).phase === 'answering') chain.next();
  assert.deepEqual(chain.codes(late!), ['QUERY_PHASE_WRONG']);
  // The first had committed in time, and opens its answer too late.
  const reveals = chain.reveals(id, answers);
  const receipts: Receipt[] = [];
  while (chain.query(id).phase === 'revealing') receipts.push(...chain.next().results.receipts);
  assert.deepEqual(chain.codes(...reveals), ['QUERY_PHASE_WRONG', 'QUERY_PHASE_WRONG']);
  assert.deepEqual([receipts[0]?.outcome, receipts[0]?.cost, receipts[0]?.refund], ['noAnswer', 0n, 1_000_000n]);
  assert.ok(checkSupply(chain.state).ok);
});

test('an answer beyond the bound is refused, and one at the bound is not', () => {
  const chain = new TestChain();
  const id = chain.open();
  const ofText = (text: string): Answer => ({
    ...generated('x'),
    segments: [{ kind: 'generated', text, tokens: [1], logProbabilities: [100] }],
  });
  const room = readParams(chain.state).answerBytesMax - encodeAnswer(ofText('')).length;
  const answers = [ofText('x'.repeat(room)), ofText('x'.repeat(room + 1))];
  chain.next({ transactions: chain.commits(id, answers) });
  const [first, second] = chain.reveals(id, answers) as [Transaction, Transaction];
  assert.deepEqual([...chain.codes(first), ...chain.codes(second)], ['OK', 'ANSWER_TOO_LARGE']);
});

test('a copied commitment opens nothing, even with the other’s own words and salt', () => {
  const chain = new TestChain();
  const id = chain.open();
  const [first, second] = chain.query(id).respondents.map(({ expert }) => chain.expertKeys(expert)) as [Keys, Keys];
  const [commit] = chain.commits(id, [generated('Paris'), null]) as [Transaction];
  const copied = chain.transaction(second, commit.body.payload);
  assert.deepEqual(chain.codes(copied, commit), ['OK', 'OK']);
  const [reveal] = chain.reveals(id, [generated('Paris'), null]) as [Transaction];
  assert.deepEqual(chain.codes(chain.transaction(second, reveal.body.payload), reveal), ['COMMITMENT_MISMATCH', 'OK']);
  while (chain.query(id).phase === 'revealing') chain.next();
  assert.deepEqual(
    chain.query(id).respondents.map(({ expert, group }) => [expert, group]),
    [
      [first.address, 0],
      [second.address, null],
    ],
  );
});

test('contracts that cannot be met are named before anything is escrowed', () => {
  const chain = new TestChain();
  const params = readParams(chain.state);
  const { sharesMax } = params.market;
  const bad: readonly (readonly [Partial<QueryContract>, string])[] = [
    [{ respondents: params.respondentsMax + 1 }, 'respondents'],
    [{ rounds: 0 }, 'rounds'],
    [{ rounds: params.market.roundsMax + 1 }, 'rounds'],
    [{ scorerShare: sharesMax + 1 }, 'scorerShare'],
    [{ scorerShare: sharesMax, coordinatorShare: 1 }, 'scorerShare'],
    [{ threshold: params.thresholdMax + 1 }, 'threshold'],
    [{ answerWindow: CHAIN_LIMITS.answerWindowMin - 1 }, 'answerWindow'],
    [{ prompt: '' }, 'prompt'],
    [{ maxFee: 0n }, 'maxFee'],
  ];
  for (const [contract, field] of bad) {
    assert.equal(contractProblem(chain.contract(contract), params), field);
    const opening = chain.transaction(user, { type: 'query.open', contract: chain.contract(contract) });
    assert.deepEqual(chain.next({ transactions: [opening] }).results.transactions, [], field);
  }
  assert.equal(readSupply(chain.state).escrowed, 0n);
});

test('a scorer that says everything again at every height is counted once and not punished', () => {
  const plain = playPlainly(1);
  const chain = new TestChain();
  const id = openQuery(chain, 1);
  playRounds(chain, id, (transactions) => chain.next({ transactions }));
  const openings = chain.validators.map((_, at) => openingOf(chain, id, at));
  const commits = openings.map(({ scores, checks }, at) => chain.scoreCommit(id, at, scores, checks));
  const reveals = openings.map(({ scores, checks }, at) => chain.scoreReveal(id, at, scores, checks));
  const scorers = [...openings.keys()].filter((at) => openings[at]!.scores.length > 0);
  const say = (itemsOf: (at: number) => ScoreItem[]) =>
    chain.next({ items: new Map(scorers.map((at) => [at, itemsOf(at)])) });
  const blocks = [say((at) => [commits[at]!, commits[at]!])];
  // Late by as many heights as an honest one may be: it signed before it knew that the query is settled.
  const all = (at: number): ScoreItem[] => [commits[at]!, reveals[at]!, reveals[at]!, commits[at]!];
  for (let height = 0; height < CHAIN_LIMITS.lateRevealHeights; height++) blocks.push(say(all));
  assert.deepEqual(
    blocks.flatMap(({ results }) => results.receipts),
    [plain],
  );
  const types = blocks.flatMap(({ events }) => events.map(({ type }) => type));
  assert.equal(types.filter((type) => type === 'score.committed').length, scorers.length);
  assert.equal(types.filter((type) => type === 'score.revealed').length, scorers.length);
  assert.equal(types.includes('score.misrevealed'), false);
});

test('whatever is sent again, in whatever order and by whomever, ends in the same receipt; the rest is refused by name', () => {
  const plain = [1, 2].map(playPlainly);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 }), fc.gen(), (rounds, draw) => {
      const chain = new TestChain();
      const sent: Transaction[] = [];
      const refused = new Set<string>();
      /** The step's own messages, and noise: the same bytes again, copies by others, retries by their sender. */
      const noisy = (own: readonly Transaction[], items?: ReadonlyMap<number, readonly ScoreItem[]>) => {
        const strangers = [user, ...chain.validators.map(({ expert }) => expert)].filter(
          (keys) => !isSelected(chain, id, keys),
        );
        const again = draw(fc.subarray, [...sent]);
        const retried = draw(fc.subarray, [...own]).map((one) =>
          chain.transaction(senderOf(chain, one), one.body.payload),
        );
        const copied = draw(fc.subarray, [...sent, ...own]).map((one) =>
          chain.transaction(strangers[draw(fc.nat, strangers.length - 1)]!, one.body.payload),
        );
        const hostile = chain.transaction(chain.validators[0]!.expert, { type: 'query.cancel', queryId: id });
        const candidates = [...own, ...own, ...again, ...retried, ...copied, hostile];
        const transactions = draw(fc.shuffledSubarray, candidates, { minLength: candidates.length });
        const { block, results } = { ...chain.next({ transactions, ...(items && { items }) }), block: chain.block! };
        sent.push(...own);
        const codes = results.transactions.map(({ code }) => code);
        // One of each sender's own and its retries counts.
        assert.equal(codes.filter((code) => code === 'OK').length, own.length);
        for (const code of codes) if (code !== 'OK') refused.add(code);
        const ids = block.transactions.map(({ body }) => transactionId(body));
        assert.equal(new Set(ids).size, ids.length);
        const known = new Set(sent.slice(0, sent.length - own.length).map(({ body }) => transactionId(body)));
        assert.ok(
          ids.every((one) => !known.has(one)),
          'nothing stands in two blocks',
        );
        assert.ok(checkSupply(chain.state).ok);
        return results.receipts;
      };
      const id = openQuery(chain, rounds);
      playRounds(chain, id, noisy);
      const receipts = playScores(chain, id, (items) => noisy([], items));
      assert.deepEqual(receipts, [plain[rounds - 1]]);
      for (const code of refused) assert.ok(refusals.has(code), code);
    }),
    { numRuns: 25 },
  );
});

const refusals = new Set([
  'NOT_SELECTED',
  'ALREADY_COMMITTED',
  'ALREADY_REVEALED',
  'QUERY_PHASE_WRONG',
  'NOT_REQUESTER',
  'COMMITMENT_MISMATCH',
]);

const said: readonly (readonly Answer[])[] = [
  [generated('Paris'), generated('Rome')],
  [generated('Paris'), generated('Paris')],
];

function openQuery(chain: TestChain, rounds: number): Hash {
  return chain.open({ rounds, maxFee: 3_000_000n });
}

function playRounds(chain: TestChain, id: Hash, next: (transactions: readonly Transaction[]) => unknown): void {
  const { rounds } = chain.query(id).contract;
  for (let round = 1; round <= rounds; round++) {
    assert.deepEqual([chain.query(id).round, chain.query(id).phase], [round, 'answering']);
    next(chain.commits(id, said[round - 1]!));
    next(chain.reveals(id, said[round - 1]!));
  }
  assert.equal(chain.query(id).phase, 'scoring');
}

/** Commits and reveals of scores; commitments and reveals are said again in every later block. */
function playScores(
  chain: TestChain,
  id: Hash,
  next: (items: ReadonlyMap<number, readonly ScoreItem[]>) => readonly Receipt[],
): readonly Receipt[] {
  const openings = chain.validators.flatMap((_, at) => {
    const opening = openingOf(chain, id, at);
    return opening.scores.length === 0 ? [] : [{ at, ...opening }];
  });
  const commits = new Map(openings.map(({ at, scores, checks }) => [at, [chain.scoreCommit(id, at, scores, checks)]]));
  const reveals = new Map(
    openings.map(({ at, scores, checks }) => [at, [chain.scoreReveal(id, at, scores, checks), ...commits.get(at)!]]),
  );
  return [...next(commits), ...next(reveals), ...next(reveals), ...next(commits)];
}

function playPlainly(rounds: number): Receipt {
  const chain = new TestChain();
  const before = readAccount(chain.state, user.address).balance;
  const id = openQuery(chain, rounds);
  playRounds(chain, id, (transactions) => chain.next({ transactions }));
  const [receipt] = playScores(chain, id, (items) => chain.next({ items }).results.receipts);
  assert.equal(receipt?.outcome, 'answered');
  assert.ok(before - readAccount(chain.state, user.address).balance >= receipt.cost);
  return receipt;
}

function isSelected(chain: TestChain, id: Hash, keys: Keys): boolean {
  return chain.query(id).respondents.some(({ expert }) => expert === keys.address);
}

function senderOf(chain: TestChain, { body }: Transaction): Keys {
  return [user, ...chain.validators.map(({ expert }) => expert)].find(({ publicKey }) => publicKey === body.sender)!;
}

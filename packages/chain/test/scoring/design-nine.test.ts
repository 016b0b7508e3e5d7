/**
 * DESIGN §9, sentence by sentence: which test fails when it is broken. Here are the ones that no other file had.
 *
 * | sentence | test |
 * |---|---|
 * | an extension is signed over chain id, height, round, block id and its bytes, in its own domain | consensus/test/verify-commit "every signed fact matters"; mutant extension-signature |
 * | only non-nil precommits carry one | node/test/adapters/signer-file "places that do not exist and misplaced extensions are refused" |
 * | every precommit in a last commit carries a valid one, else the block is invalid | block-validity "the last commit is of the parent, ordered, bounded, verified"; mutant certificate-extension |
 * | a proposer includes all precommits it received | consensus/test/views "grows with late precommits"; mutant last-commit-first-only |
 * | the extended commit is stored and served, also to nodes that block-synced | here, "a node that only read blocks and the commit of the newest" |
 * | validity = canonical encoding + size + signature | block-validity "not canonical"; mutants extension-malformed, extension-size |
 * | items that make no sense are ignored | extensions "§6.5"; here, "nonsense of every kind" |
 * | no node asks its worker while validating | here, "applying a block is a function of state and block" |
 * | computed → persisted with its salt → commit → reveal | node/test/host/network "stored scores are no longer those it committed to" |
 * | reveals only when the commit stands in a decided block and the window closed | extensions "§6.4: a reveal before …", "§6.8"; here, "the duty to reveal" |
 * | items are repeated until a decided block carries them: no proposer can silence a scorer | here, "no proposer can silence a scorer" (commit and reveal) |
 * | a window closes early when all have revealed, else at its deadline | here, "windows close early"; extensions "§6.3", "§6.6" |
 * | missing scores are left out; more than half must have revealed, else the base part | extensions "§6.7"; settlement "§7.5"; mutant half-pays |
 * | the chain never waits | here, "a chain without any scorer settles" |
 * | with `--block-time auto`, blocks are also made while a window is open | node/test/host/block-pace "while a window is open blocks follow one another at the interval…" |
 * | masks go by operator, not by key | here, "masks go by operator"; selection tests; mutant self-verification |
 * | identical answers form one group, scored once | answers "§5.4"; settlement "§7.3" |
 * | lower weighted median | median "by hand" and its property |
 * | above a bound, a committee by beacon and stake | committee "§6.9" |
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  applyBlock,
  buildBlock,
  consentSignBytes,
  createGenesisState,
  decodeBlock,
  decodeExtendedCommit,
  eligibleGroups,
  encodeBlock,
  encodeExtendedCommit,
  type Hash,
  pendingWork,
  readQuery,
  type ScoreItem,
  sign,
  transactionId,
} from '../../src/index.ts';
import { openingOf, settle } from '../market/plays.ts';
import { CHAIN_ID, generated, type NextBlock, poor, profileOf, SYN, TestChain, user } from '../test-chain.ts';

function scoring(windows = {}): { readonly chain: TestChain; readonly id: Hash } {
  const chain = new TestChain();
  const id = chain.open({ scoreWindow: 12, scoreRevealWindow: 12, ...windows });
  chain.answer(id, [generated('Paris'), generated('Rome!')]);
  return { chain, id };
}

/** What every validator that follows its duties puts into its precommit on the chain as it stands. */
function dutiful(chain: TestChain, id: Hash): Map<number, ScoreItem[]> {
  return new Map(
    [...chain.validators.entries()].map(([at, { address }]) => {
      const work = pendingWork(chain.state, { operator: address, experts: [] });
      const { scores, checks } = openingOf(chain, id, at);
      const commits = work.score.map(() => chain.scoreCommit(id, at, scores, checks));
      const reveals = work.revealScores.map(() => chain.scoreReveal(id, at, scores, checks));
      return [at, [...commits, ...reveals]];
    }),
  );
}

test('DESIGN §9: no proposer can silence a scorer: what one leaves out, the next one carries, commit and reveal alike', () => {
  const { chain, id } = scoring();
  const victim = 2;
  const isSilenced = () => chain.query(id).scorers[victim]?.commitment === null;
  // The precommit of the victim is left out again and again; its duty, and so its item, stays.
  for (let height = 0; height < 3; height++) {
    chain.next({ items: dutiful(chain, id), absent: [victim] });
    assert.ok(isSilenced());
    assert.equal(dutiful(chain, id).get(victim)?.[0]?.kind, 'score.commit');
  }
  chain.next({ items: dutiful(chain, id) });
  assert.ok(!isSilenced());
  assert.equal(chain.query(id).phase, 'scoreRevealing');
  chain.next({ items: dutiful(chain, id), absent: [victim] });
  assert.equal(chain.query(id).scorers[victim]?.scores, null);
  assert.equal(dutiful(chain, id).get(victim)?.[0]?.kind, 'score.reveal');
  const { results } = chain.next({ items: dutiful(chain, id) });
  const { address } = chain.validators[victim]!;
  assert.ok(results.receipts[0]?.scores.some(({ validator }) => validator === address));
});

test('DESIGN §9: the duty to reveal begins once commits have closed, and only for who committed in a decided block', () => {
  const { chain, id } = scoring({ scoreWindow: 4 });
  const revealing = () =>
    chain.validators.map(
      ({ address }) => pendingWork(chain.state, { operator: address, experts: [] }).revealScores.length,
    );
  const commits = dutiful(chain, id);
  chain.next({ items: new Map([0, 1].map((at) => [at, commits.get(at)!])) });
  assert.deepEqual(revealing(), [0, 0, 0, 0], 'committed, but others still may');
  while (chain.query(id).phase === 'scoring') chain.next();
  assert.deepEqual(revealing(), [1, 1, 0, 0]);
});

test('DESIGN §9: windows close early when all have delivered, in every phase', () => {
  const chain = new TestChain();
  const id = chain.open({ answerWindow: 100, revealWindow: 100, scoreWindow: 100, scoreRevealWindow: 100 });
  const began = chain.height;
  chain.answer(id, [generated('Paris'), generated('Rome!')]);
  settle(chain, id);
  assert.equal(chain.height - began, 4, 'one block a phase');
});

test('DESIGN §9: a chain without any scorer settles at its deadlines by the base part', () => {
  const { chain, id } = scoring({ scoreWindow: 4 });
  const { deadline } = chain.query(id);
  let { results } = chain.next();
  while (chain.height < deadline) ({ results } = chain.next());
  assert.equal(results.receipts[0]?.outcome, 'unscored');
  // 800 nano due to each, a fifth of it in any case.
  assert.deepEqual(
    results.receipts[0]?.respondents.map(({ paid }) => paid),
    [160n, 160n],
  );
});

test('DESIGN §9: masks go by operator, not by key: an expert with a key of its own is still its operator’s', () => {
  const chain = new TestChain();
  const [operator] = chain.validators;
  chain.next({ transactions: [chain.transfer(user, poor.address, 50n * SYN)] });
  const content = { operator: operator!.address, expert: poor.address };
  const consent = {
    publicKey: operator!.publicKey,
    signature: sign(operator!.secret, consentSignBytes(CHAIN_ID, content)),
  };
  const expert = profileOf(operator!.address, { domain: 'geography' });
  chain.codes(chain.transaction(poor, { type: 'expert.register', expert, bond: 10n * SYN, consent }));
  const terms = { domain: 'geography', respondents: 1 };
  // As coordinator the operator does not get its own expert selected.
  const own = chain.open({ ...terms, coordinator: operator!.address });
  assert.deepEqual(chain.query(own).respondents, []);
  const id = chain.open({ ...terms, coordinator: chain.validators[1]!.address });
  chain.answer(id, [generated('Paris')]);
  assert.deepEqual(
    chain.validators.map(({ address }) => eligibleGroups(chain.query(id), address)),
    [[], [0], [0], [0]],
  );
});

test('DESIGN §9: nonsense of every kind in an extension changes nothing and invalidates nothing', () => {
  const { chain, id } = scoring();
  const unknown = 'ee'.repeat(32) as Hash;
  const check = { group: 99, verdict: 'error' as const, distanceMilli: 2 ** 32 - 1 };
  const nonsense: ScoreItem[] = [
    chain.scoreCommit(unknown, 0, []),
    chain.scoreReveal(unknown, 0, [{ group: 0, score: 0 }]),
    chain.scoreReveal(unknown, 1, [], [check]),
  ];
  const { scorers } = chain.query(id);
  const { events } = chain.next({ items: new Map([0, 1, 2, 3].map((at) => [at, nonsense])) });
  assert.deepEqual(events, []);
  assert.deepEqual(chain.query(id).scorers, scorers);
});

test('DESIGN §9: a node that only read blocks and the commit of the newest can build the next, scores included', () => {
  const chain = new TestChain();
  const served: Uint8Array[] = [];
  const next = (given: NextBlock = {}) => {
    chain.next(given);
    served.push(encodeBlock(chain.block!));
  };
  const opening = chain.transaction(user, { type: 'query.open', contract: chain.contract() });
  const id = transactionId(opening.body);
  const answers = [generated('Paris'), generated('Rome!')];
  next({ transactions: [opening] });
  next();
  next({ transactions: chain.commits(id, answers) });
  next({ transactions: chain.reveals(id, answers) });
  const input = chain.buildInput({ items: dutiful(chain, id) });
  // What the syncing node gets: blocks, and the certificate of the newest with its extensions.
  const commit = decodeExtendedCommit(encodeExtendedCommit(input.lastCommit!));
  assert.ok(commit.ok);
  let state = createGenesisState(chain.genesis);
  for (const bytes of served) {
    const block = decodeBlock(bytes);
    assert.ok(block.ok);
    const applied = applyBlock(state, block.value);
    assert.ok(applied.ok);
    state = applied.state;
  }
  const { block } = buildBlock({ ...input, state, lastCommit: commit.value });
  const verdict = chain.validate(block);
  assert.ok(verdict.ok);
  const applied = applyBlock(chain.state, block, verdict.execution);
  assert.ok(applied.ok);
  assert.equal(readQuery(applied.state, id)?.phase, 'scoreRevealing', 'all scores were in the commit');
});

test('DESIGN §9: applying a block is a function of state and block alone', () => {
  const { chain, id } = scoring();
  let state = createGenesisState(chain.genesis);
  assert.notEqual(state.root, chain.state.root);
  const before = chain.state;
  chain.next({ items: dutiful(chain, id) });
  const again = applyBlock(before, chain.block!);
  assert.ok(again.ok);
  state = again.state;
  assert.equal(state.root, chain.state.root);
});

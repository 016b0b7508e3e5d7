/** Commits, reveals and groups of answers (market §4, §5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, type Hash, merkleProof, merkleRoot, passageLeaf, readReputation } from '../../src/index.ts';
import { generated, TestChain, user } from '../test-chain.ts';

const passages = ['Paris is the capital of France.', 'Rome is the capital of Italy.', 'Bern.'].map((text) => ({
  text,
  source: 'Atlas, CC0',
}));
const leaves = passages.map(passageLeaf);
const profile = { knowledgeRoot: merkleRoot(leaves), knowledgeSize: leaves.length };

function quote(
  index: number,
  overrides: { text?: string; source?: string; index?: number; proof?: Hash[] } = {},
): Answer {
  const segment = {
    kind: 'quote' as const,
    ...passages[index]!,
    index,
    proof: merkleProof(leaves, index),
    ...overrides,
  };
  return { ...generated('x'), segments: [segment] };
}

/** Codes of the reveal of each answer when all were committed. */
function revealCodes(chain: TestChain, answers: readonly Answer[]): string[] {
  const id = chain.open({ respondents: answers.length, maxFee: 10_000_000n });
  chain.next({ transactions: chain.commits(id, answers) });
  return chain.codes(...chain.reveals(id, answers));
}

test('market §4.1: only the selected commit, once, in phase', () => {
  const chain = new TestChain();
  const id = chain.open({ answerWindow: 2 });
  const answers = [generated('Paris'), generated('Rome')];
  const [first] = chain.commits(id, answers);
  assert.deepEqual(chain.codes(chain.transaction(user, { type: 'answer.commit', queryId: id, commitment: id })), [
    'NOT_SELECTED',
  ]);
  assert.deepEqual(chain.codes(...chain.reveals(id, answers).slice(0, 1), first!), ['QUERY_PHASE_WRONG', 'OK']);
  assert.equal(chain.query(id).phase, 'revealing', 'the deadline closed the window with one of two');
  assert.deepEqual(chain.codes(chain.commits(id, answers)[1]!), ['QUERY_PHASE_WRONG'], 'late');
  const unknown = { type: 'answer.commit' as const, queryId: 'ff'.repeat(32) as Hash, commitment: id };
  assert.deepEqual(chain.codes(chain.transaction(user, unknown)), ['QUERY_UNKNOWN']);
});

test('market §4.1: a second commitment does not replace the first', () => {
  const chain = new TestChain();
  const id = chain.open();
  const [commit] = chain.commits(id, [generated('Paris'), null]);
  const [again] = chain.commits(id, [generated('Rome'), null]);
  assert.deepEqual(chain.codes(commit!, again!), ['OK', 'ALREADY_COMMITTED']);
});

test('market §5.1: a reveal opens its own commitment', () => {
  const chain = new TestChain();
  const id = chain.open({ answerWindow: 2 });
  chain.next({ transactions: chain.commits(id, [generated('Paris'), null]) });
  chain.next();
  const codes = chain.codes(
    ...chain.reveals(id, [generated('Rome'), null]),
    ...chain.reveals(id, [null, generated('Paris')]),
    ...chain.reveals(id, [generated('Paris'), null]),
    ...chain.reveals(id, [generated('Paris'), null]),
  );
  assert.deepEqual(codes, ['COMMITMENT_MISMATCH', 'NOT_COMMITTED', 'OK', 'ALREADY_REVEALED']);
  assert.equal(chain.query(id).phase, 'scoring', 'all who committed have revealed');
});

test('market §5.2: what an answer must look like', () => {
  const good = generated('Paris');
  const [segment] = good.segments;
  assert.ok(segment?.kind === 'generated');
  const withSegment = (overrides: Partial<typeof segment>): Answer => ({
    ...good,
    segments: [{ ...segment, ...overrides }],
  });
  const cases: [Answer, string][] = [
    [good, 'OK'],
    [withSegment({ text: '' }), 'ANSWER_EMPTY'],
    [{ ...good, segments: [] }, 'ANSWER_EMPTY'],
    [withSegment({ tokens: [], logProbabilities: [] }), 'ANSWER_LOG_PROBABILITIES_MISSING'],
    [withSegment({ tokens: [1] }), 'ANSWER_LOG_PROBABILITIES_MISSING'],
    [{ ...good, modelId: 'cd'.repeat(32) as Hash }, 'ANSWER_MODEL_MISMATCH'],
    [{ ...good, segments: Array.from({ length: 65 }, () => segment) }, 'ANSWER_TOO_LARGE'],
    [withSegment({ text: 'x'.repeat(16 * 1024) }), 'ANSWER_TOO_LARGE'],
    [quote(0), 'ANSWER_QUOTE_UNPROVEN'],
  ];
  for (const [answer, code] of cases) assert.deepEqual(revealCodes(new TestChain(), [answer]), [code]);
});

test('market §5.2: a quote is proved under the knowledge root by text, source and place', () => {
  const codes = (answer: Answer) => revealCodes(new TestChain({ profile }), [answer]);
  for (const index of passages.keys()) assert.deepEqual(codes(quote(index)), ['OK']);
  for (const broken of [
    { text: 'Lyon is the capital of France.' },
    { source: 'Elsewhere' },
    { index: 1 },
    { proof: [] },
    { index: 3 },
  ]) {
    assert.deepEqual(codes(quote(0, broken)), ['ANSWER_QUOTE_UNPROVEN'], JSON.stringify(broken));
  }
});

test('market §5.4: equal texts are one group whatever lies behind them', () => {
  const chain = new TestChain({ profile });
  const id = chain.open({ respondents: 3, maxFee: 10_000_000n });
  const answers = [generated(passages[0]!.text), generated('Lyon'), quote(0)];
  chain.next({ transactions: chain.commits(id, answers) });
  // Revealed in another order than selected: groups are numbered by selection all the same.
  const [first, second, third] = chain.reveals(id, answers);
  chain.next({ transactions: [second!, third!, first!] });
  const query = chain.query(id);
  assert.deepEqual(
    query.groups.map(({ members }) => members),
    [[0, 2], [1]],
  );
  assert.deepEqual(
    query.respondents.map(({ group }) => group),
    [0, 1, 0],
  );
  assert.equal(query.groups[0]!.answer.segments[0]!.kind, 'quote', 'the answer revealed first stands for the group');
});

test('market §4.2, §5.5: nobody commits, or nobody reveals: all is refunded and silence costs reputation', () => {
  for (const commits of [false, true]) {
    const chain = new TestChain();
    const id = chain.open({ answerWindow: 2, revealWindow: 2 });
    if (commits) chain.next({ transactions: chain.commits(id, [generated('Paris'), generated('Paris')]) });
    chain.next();
    const { results } = chain.next();
    const [receipt] = results.receipts;
    assert.equal(receipt?.outcome, 'noAnswer');
    assert.equal(receipt?.refund, 1_000_000n);
    assert.deepEqual(
      receipt?.respondents.map(({ paid }) => paid),
      [0n, 0n],
    );
    const silent = readReputation(chain.state, receipt!.respondents[0]!.expert, 'general');
    assert.deepEqual([silent.alpha, silent.beta, silent.answers], [985_000, 1_985_000, 1]);
  }
});

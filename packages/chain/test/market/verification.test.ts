/** Verification on chain (spec: verification, "On chain"): who is drawn, which reveals count, verdicts, pay and bonds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answer,
  type ChainEvent,
  type CheckVerdict,
  checkSupply,
  createReceipt,
  groupsToVerify,
  type Hash,
  merkleProof,
  merkleRoot,
  Overlay,
  passageLeaf,
  pendingWork,
  type QueryState,
  readBeacon,
  readExpert,
  readReputation,
  readSupply,
} from '../../src/index.ts';
import { claimants, drawVerifiers, groupVerdict, slashSubstitutes } from '../../src/market/verification.ts';
import { generated, MODEL_ID, SYN, TestChain } from '../test-chain.ts';
import { openingOf, settle } from './plays.ts';

const passage = { text: 'Bern is the capital of Switzerland.', source: 'Atlas, CC0' };
const leaves = [passageLeaf(passage)];
const quote: Answer = {
  ...generated('x'),
  segments: [{ kind: 'quote', ...passage, index: 0, proof: merkleProof(leaves, 0) }],
};
const profile = { knowledgeRoot: merkleRoot(leaves), knowledgeSize: 1 };

/** A query with its answers, everything that a model wrote drawn. */
function verified(
  answers: readonly Answer[] = [generated('Paris'), generated('Rome!')],
  market = {},
): { readonly chain: TestChain; readonly id: Hash; readonly query: QueryState } {
  const params = { market: { verificationShare: 1_000_000, verifiers: 2, ...market } };
  const chain = new TestChain({ params, profile });
  const id = chain.open({ respondents: answers.length, maxFee: 3_000_000n, scoreWindow: 4, scoreRevealWindow: 4 });
  chain.answer(id, answers);
  return { chain, id, query: chain.query(id) };
}

test('verification, on chain 1: only groups with text that a model wrote are drawn', () => {
  const { query } = verified([generated('Paris'), quote, generated(' \n')]);
  assert.deepEqual(
    query.groups.map(({ verifiers }) => verifiers.length),
    [2, 0, 0],
  );
});

test('verification, on chain 1: whoever closes the answers knows of no draw; the next block draws, and duties begin with it', () => {
  const market = { verificationShare: 1_000_000, verifiers: 2 };
  const drawn = (answer: Answer) => {
    const chain = new TestChain({ params: { market }, profile });
    const id = chain.open({ respondents: 1, maxFee: 3_000_000n, scoreWindow: 4, scoreRevealWindow: 4 });
    chain.next({ transactions: chain.commits(id, [answer]) });
    chain.next({ transactions: chain.reveals(id, [answer]) });
    const [closed, closedAt] = [chain.query(id), chain.height];
    const duties = () =>
      chain.validators.flatMap(({ address }) => pendingWork(chain.state, { operator: address, experts: [] }).score);
    return { chain, id, closed, dueAfter: closed.deadline - closedAt, duties };
  };
  const written = drawn(generated('Paris'));
  assert.deepEqual(written.closed.groups[0]?.verifiers, []);
  assert.equal(written.dueAfter, 5);
  assert.deepEqual(written.duties(), []);
  written.chain.next();
  const beacon = readBeacon(written.chain.state, written.chain.height)!;
  const { params } = written.chain.genesis;
  const due = drawVerifiers(written.closed, { beacon, params }).groups[0]?.verifiers;
  assert.equal(due?.length, 2);
  assert.deepEqual(written.chain.query(written.id).groups[0]?.verifiers, due);
  assert.equal(written.duties().length, 3, "all but the answer's own operator");

  const quoted = drawn(quote);
  assert.equal(quoted.dueAfter, 4, 'where nothing was written nothing waits');
  assert.equal(quoted.duties().length, 3);
});

test('verification, on chain 1: a group is drawn with the chance of the parameter, from the beacon', () => {
  const { chain, query: drawnBefore } = verified();
  const query = { ...drawnBefore, groups: drawnBefore.groups.map((group) => ({ ...group, verifiers: [] })) };
  const share = (verificationShare: number) => {
    const params = chain.genesis.params;
    const market = { ...params.market, verificationShare };
    const beacons = Array.from({ length: 400 }, (_, at) => at.toString(16).padStart(64, '0') as Hash);
    const drawn = beacons.map((beacon) => drawVerifiers(query, { beacon, params: { ...params, market } }));
    return drawn.flatMap(({ groups }) => groups).filter(({ verifiers }) => verifiers.length > 0).length / 800;
  };
  assert.equal(share(0), 0);
  assert.equal(share(1_000_000), 1);
  assert.ok(Math.abs(share(100_000) - 0.1) < 0.04, `${share(100_000)}`);
});

test('verification, on chain 1: verifiers are scorers without a member in the group, drawn by power, ascending', () => {
  const { chain, query } = verified(undefined, { verifiers: 3 });
  for (const { members, verifiers } of query.groups) {
    const owner = query.respondents[members[0]!]!.operator;
    const able = chain.validators.map(({ address }) => address).filter((address) => address !== owner);
    assert.deepEqual(verifiers, able, 'nobody verifies itself');
  }
  const strong = { ...query, scorers: query.scorers.map((one, at) => ({ ...one, power: at === 3 ? 10_000n : 1n })) };
  const market = { ...chain.genesis.params.market, verifiers: 1 };
  const params = { ...chain.genesis.params, market };
  const drawn = Array.from({ length: 50 }, (_, at) => at.toString(16).padStart(64, '0') as Hash).flatMap(
    (beacon) => drawVerifiers(strong, { beacon, params }).groups,
  );
  const heavy = chain.validators[3]!.address;
  const able = drawn.filter(({ members }) => query.respondents[members[0]!]!.operator !== heavy);
  assert.ok(able.length > 0 && able.every(({ verifiers }) => verifiers[0] === heavy));
});

test('verification, on chain 2: duties name the groups to verify, and a reveal counts only with exactly their checks', () => {
  const { chain, id, query } = verified();
  const at = chain.validators.findIndex(({ address }) => groupsToVerify(query, address).length > 0);
  const { address } = chain.validators[at]!;
  const duty = pendingWork(chain.state, { operator: address, experts: [] }).score[0];
  assert.deepEqual(duty?.verify, groupsToVerify(query, address));
  const { scores, checks } = openingOf(chain, id, at);
  const extra = { group: 7, verdict: 'match', distanceMilli: 0 } as const;
  for (const wrong of [[], [...checks, extra]]) {
    const other = verified();
    const commit = other.chain.scoreCommit(other.id, at, scores, wrong);
    const reveal = other.chain.scoreReveal(other.id, at, scores, wrong);
    other.chain.next({ items: new Map([[at, [commit]]]) });
    while (other.chain.query(other.id).phase === 'scoring') other.chain.next();
    other.chain.next({ items: new Map([[at, [reveal]]]) });
    assert.equal(other.chain.query(other.id).scorers[at]?.scores, null);
  }
  const receipt = settle(chain, id);
  assert.ok(receipt.checks.some(({ validator }) => validator === address));
});

function withFindings(
  query: QueryState,
  findings: readonly (CheckVerdict | null)[],
  powers = [1n, 1n, 1n],
): QueryState {
  const verifiers = query.scorers.slice(0, findings.length).map(({ operator }) => operator);
  return {
    ...query,
    groups: query.groups.map((group, at) => (at === 0 ? { ...group, verifiers } : group)),
    scorers: query.scorers.map((scorer, at) => {
      const verdict = findings[at];
      const checks = verdict == null ? null : [{ group: 0, verdict, distanceMilli: 0 }];
      return { ...scorer, power: powers[at] ?? 1n, checks };
    }),
  };
}

test('verification, on chain 3: more than half of the revealed power decides; otherwise nothing is decided', () => {
  const { query } = verified();
  const verdict = (findings: readonly (CheckVerdict | null)[], powers?: bigint[]) =>
    groupVerdict(withFindings(query, findings, powers), 0);
  assert.equal(verdict(['match', 'mismatch', 'mismatch']), 'mismatch');
  assert.equal(verdict(['match', 'mismatch']), 'undecided', 'half is not more than half');
  assert.equal(verdict(['match', 'mismatch', 'error']), 'undecided');
  assert.equal(verdict([null, 'error', null]), 'error', 'the silent are left out');
  assert.equal(verdict([null, null]), 'undecided');
  assert.equal(verdict(['mismatch', 'match', 'match'], [3n, 1n, 1n]), 'mismatch', 'by power');
  assert.equal(verdict([]), null, 'nobody was drawn');
});

test('verification, on chain 4: a condemned group is paid nothing, counts as 0, and only a substitute costs a bond', () => {
  for (const verdict of ['mismatch', 'error', 'unavailable'] as const) {
    const { chain, id } = verified(undefined, { verifiers: 3 });
    const { burnt } = readSupply(chain.state);
    const receipt = settle(chain, id, { verdictOf: () => verdict });
    assert.deepEqual([receipt.outcome, receipt.cost], ['belowThreshold', 0n]);
    const lost = verdict === 'mismatch' ? SYN / 2n : 0n;
    for (const { expert, score, paid, slashed, verdict: found } of receipt.respondents) {
      assert.deepEqual([score, paid, slashed, found], [0, 0n, lost, verdict]);
      assert.equal(readExpert(chain.state, expert)?.bond, 10n * SYN - lost);
      assert.ok(readReputation(chain.state, expert, 'general').alpha < 1_000_000);
    }
    assert.ok(readSupply(chain.state).burnt - burnt >= 2n * lost);
    assert.ok(checkSupply(chain.state).ok);
  }
});

test('verification, on chain 4: match and undecided change nothing', () => {
  const paid = (verdictOf: (position: number) => CheckVerdict, positions?: number[]) => {
    const { chain, id } = verified(undefined, { verifiers: 2 });
    const receipt = settle(chain, id, { verdictOf, ...(positions === undefined ? {} : { positions }) });
    return receipt.respondents.map((respondent) => respondent.paid);
  };
  const due = paid(() => 'match');
  assert.ok(due.every((amount) => amount > 0n));
  const { chain, id, query } = verified(undefined, { verifiers: 2 });
  const first = new Set(query.groups.map(({ verifiers }) => verifiers[0]));
  const receipt = settle(chain, id, {
    verdictOf: (at) => (first.has(chain.validators[at]!.address) ? 'mismatch' : 'match'),
  });
  const undecided = receipt.respondents.filter(({ verdict }) => verdict === 'undecided');
  for (const respondent of undecided) assert.equal(respondent.paid, due[0]);
});

test('verification, on chain 4: the best answer is never a condemned one while there is another', () => {
  const { chain, id, query } = verified([generated('Paris'), quote]);
  const written = query.groups.findIndex(({ verifiers }) => verifiers.length > 0);
  const receipt = settle(chain, id, {
    verdictOf: () => 'mismatch',
    scoreOf: (group) => (group === written ? 1_000_000 : 400_000),
  });
  assert.deepEqual([receipt.best, receipt.outcome], [1 - written, 'answered']);
});

test('verification, on chain 5: of one text, only those lose bond whose very answer was verified; none of them is paid', () => {
  const other = generated('Paris', { promptTokens: 8 });
  const { chain, id, query } = verified([generated('Paris'), other], { verifiers: 2 });
  assert.equal(query.groups.length, 1);
  const hashes = query.respondents.map(({ answerHash }) => ({ answerHash }));
  assert.deepEqual(claimants({ groups: query.groups, respondents: hashes }, 0), [0]);
  const receipt = settle(chain, id, { verdictOf: () => 'mismatch' });
  assert.deepEqual(
    receipt.respondents.map(({ slashed, paid }) => [slashed, paid]),
    [
      [SYN / 2n, 0n],
      [0n, 0n],
    ],
  );
});

test('verification, on chain 5: with too small a bond left an expert is paused', () => {
  const { chain, id } = verified(undefined, { substitutionSlash: 1_000_000 });
  const receipt = settle(chain, id, { verdictOf: () => 'mismatch' });
  for (const { expert } of receipt.respondents) {
    const record = readExpert(chain.state, expert);
    assert.deepEqual([record?.bond, record?.status, record?.profile.modelId], [0n, 'paused', MODEL_ID]);
  }
});

test('verification, on chain 5: whoever registered anew in between is somebody else', () => {
  const { chain, query } = verified();
  const guilty = withFindings(query, ['mismatch', 'mismatch', 'mismatch']);
  const slash = (respondents: QueryState['respondents']) => {
    const events: ChainEvent[] = [];
    const overlay = new Overlay(chain.state);
    const emit = (event: ChainEvent) => events.push(event);
    return slashSubstitutes(overlay, { ...guilty, respondents }, { params: chain.genesis.params, emit }).size;
  };
  assert.equal(slash(guilty.respondents), 1);
  assert.equal(slash(guilty.respondents.map((slot) => ({ ...slot, registeredAt: 5 }))), 0);
});

test('verification, on chain 4: an unscored answer is better than a condemned one', () => {
  const { query } = verified();
  assert.equal(createReceipt(withFindings(query, []), 9).best, 0);
  assert.equal(createReceipt(withFindings(query, ['mismatch', 'mismatch']), 9).best, 1);
});

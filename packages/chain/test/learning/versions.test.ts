/** What becomes of versions: canary, adoption, rollback by scores and votes, quotes, bias (learning §9, §11). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answer,
  answerProblem,
  biasMark,
  type ChainEvent,
  checkSupply,
  type FeedbackRating,
  type GateReport,
  learntOf,
  merkleProof,
  merkleRoot,
  Overlay,
  PassageTree,
  type QuoteSegment,
  readRound,
  type TrainingRound,
  versionFor,
  versionOf,
  writeFeedback,
  ZERO_HASH,
} from '../../src/index.ts';
import { countScores } from '../../src/learning/canary.ts';
import { NO_SCORES } from '../../src/learning/learning-records.ts';
import { settle } from '../market/plays.ts';
import { eventTypes, generated, MODEL_ID, profileOf, type TestChain } from '../test-chain.ts';
import {
  DOMAIN,
  feedbackAt,
  goodReport,
  hashOf,
  learningChain,
  lineOf,
  plant,
  playRound,
  type RoundPlan,
  roundOf,
  until,
  versionAt,
} from './play-round.ts';

const passage = { text: 'The capital of France is Paris.', source: 'a user of Synod' };
const items: readonly FeedbackRating[] = ['correct', 'good', 'correct', 'good'];

function withCanary(overrides: Parameters<typeof learningChain>[0] = {}, plan: RoundPlan = {}): TestChain {
  const chain = learningChain(overrides);
  anotherCanary(chain, plan);
  return chain;
}

function anotherCanary(chain: TestChain, plan: RoundPlan = {}): void {
  plant(chain, items);
  playRound(chain, plan);
  assert.ok(lineOf(chain).canary !== null);
}

/** Settled answers of a version, as if queries had brought them. */
function score(chain: TestChain, version: number, scores: readonly (number | null)[]): void {
  const overlay = new Overlay(chain.state);
  countScores(overlay, { domain: DOMAIN, respondents: scores.map((each) => ({ version, score: each })) });
  chain.state = chain.state.update(overlay.writes());
}

const alike = (count: number, each: number): number[] => Array.from({ length: count }, () => each);

const changes = (events: readonly ChainEvent[]) =>
  events.flatMap((event) => (event.type === 'version.changed' ? [[event.version, event.state, event.reason]] : []));

/** A chain whose version 1 has been adopted while version 0 scored `before`. */
function adopted(before = 800_000): TestChain {
  const chain = withCanary();
  score(chain, 0, alike(4, before));
  score(chain, 1, alike(4, before));
  chain.next();
  assert.equal(lineOf(chain).stable, 1);
  return chain;
}

test('a canary answers its share of the queries, all respondents of one query alike, and declining experts none', () => {
  const chain = withCanary({ learning: { canaryShare: 250_000 } });
  const [first, second] = chain.validators.map(({ expert }) => expert.address);
  let drawn = 0;
  for (let query = 0; query < 2_000; query++) {
    const of = (expert: typeof first) => versionFor(chain.state, DOMAIN, hashOf('seed'), hashOf(`${query}`), expert!);
    assert.equal(of(first), of(second));
    drawn += of(first);
  }
  // A quarter of 2000, with a standard deviation of 19.
  assert.ok(Math.abs(drawn - 500) < 100, `${drawn}`);
  chain.next({
    transactions: [chain.transaction(chain.validators[0]!.expert, { type: 'expert.learn', learns: false })],
  });
  for (let query = 0; query < 50; query++)
    assert.equal(versionFor(chain.state, DOMAIN, hashOf('seed'), hashOf(`${query}`), first!), 0);
  assert.equal(versionFor(chain.state, 'elsewhere', hashOf('seed'), hashOf('1'), first!), 0);
});

test('while a stable version is watched, its predecessor keeps a small part of the queries, beside a canary too', () => {
  const share = (chain: TestChain) => {
    const counts = new Map<number, number>();
    const expert = chain.validators[0]!.expert.address;
    for (let query = 0; query < 4_000; query++) {
      const version = versionFor(chain.state, DOMAIN, hashOf('seed'), hashOf(`${query}`), expert);
      counts.set(version, (counts.get(version) ?? 0) + 1);
    }
    return [0, 1, 2].map((version) => counts.get(version) ?? 0);
  };
  const chain = adopted();
  const [before, stable] = share(chain);
  // An eighth of the canary's share of 4000 queries.
  const due = (4_000 * chain.genesis.params.learning.canaryShare) / 8_000_000;
  assert.ok(Math.abs(before! - due) < 60 && stable === 4_000 - before!, `${before} of ${due}`);
  anotherCanary(chain);
  const [control, , canary] = share(chain);
  assert.ok(Math.abs(control! - due) < 60 && Math.abs(canary! - 8 * due) < 200, `${control}, ${canary}`);
});

test('who asks what cannot take a version back: questions that score less reach both', () => {
  const chain = adopted(950_000);
  score(chain, 0, alike(4, 600_000));
  score(chain, 1, alike(32, 600_000));
  chain.next();
  assert.equal(lineOf(chain).stable, 1);
});

test('a respondent’s slot and its receipt say which version answers; settled scores count for it', () => {
  const chain = withCanary({ learning: { canaryShare: 1_000_000, canaryHeights: 100 } });
  const id = chain.open();
  assert.deepEqual(
    chain.query(id).respondents.map(({ version }) => version),
    [1, 1],
  );
  chain.answer(id, [generated('Paris'), generated('Lyon')]);
  const receipt = settle(chain, id, { scoreOf: (group) => 900_000 - group * 100_000 });
  assert.deepEqual(
    receipt.respondents.map(({ version }) => version),
    [1, 1],
  );
  assert.deepEqual(lineOf(chain).canary?.scores, { sum: 1_700_000, squares: 1_450_000, count: 2 });
  assert.deepEqual(lineOf(chain).live, NO_SCORES);
});

test('answers of versions that are neither canary nor stable, and unscored ones, count for nothing', () => {
  const chain = withCanary();
  score(chain, 9, alike(4, 100_000));
  score(chain, 1, [null]);
  score(chain, 0, [700_000]);
  const { live, canary } = lineOf(chain);
  assert.deepEqual([live, canary?.scores], [{ sum: 700_000, squares: 490_000, count: 1 }, NO_SCORES]);
  assert.deepEqual(canary?.beside, { sum: 700_000, squares: 490_000, count: 1 });
});

test('a canary is adopted once it has its answers and is no worse, in the block in which they settle', () => {
  const chain = withCanary();
  score(chain, 0, [800_000, null, 800_000]);
  score(chain, 1, alike(3, 750_000));
  chain.next();
  assert.equal(lineOf(chain).stable, 0);
  score(chain, 1, alike(1, 750_000));
  const { events } = chain.next();
  assert.deepEqual(changes(events), [
    [0, 'superseded', 'OK'],
    [1, 'stable', 'OK'],
  ]);
  const { stable, canary, control, live, baseline } = lineOf(chain);
  assert.deepEqual([stable, canary, control], [1, null, 0]);
  assert.deepEqual([live, baseline], [NO_SCORES, NO_SCORES]);
  assert.deepEqual([versionAt(chain, 1).state, versionAt(chain, 1).reason], ['stable', 'OK']);
});

test('a canary whose mean lies more than tolerance and chance below the stable one’s is rolled back', () => {
  const chain = withCanary();
  score(chain, 0, alike(4, 800_000));
  score(chain, 1, alike(4, 600_000));
  const { events } = chain.next();
  assert.deepEqual(changes(events), [[1, 'rolledBack', 'SCORES']]);
  assert.deepEqual([lineOf(chain).stable, lineOf(chain).canary], [0, null]);
  assert.equal(versionAt(chain, 1).state, 'rolledBack');
});

test('without answers, or with too few to say anything, a canary is adopted after its heights', () => {
  const idle = withCanary();
  const { since } = lineOf(idle).canary!;
  while (lineOf(idle).canary !== null) idle.next();
  assert.equal(idle.height, since + 12);
  assert.equal(lineOf(idle).stable, 1);
  const bad = withCanary();
  score(bad, 0, alike(4, 900_000));
  score(bad, 1, alike(3, 100_000));
  while (lineOf(bad).canary !== null) bad.next();
  assert.equal(lineOf(bad).stable, 1, 'three answers prove nothing');
});

test('an adopted version that falls behind its predecessor is taken back, until it has shown enough', () => {
  const chain = adopted();
  score(chain, 0, alike(4, 800_000));
  score(chain, 1, alike(3, 100_000));
  chain.next();
  assert.equal(lineOf(chain).stable, 1);
  score(chain, 1, alike(1, 100_000));
  const { events } = chain.next();
  assert.deepEqual(changes(events), [
    [1, 'rolledBack', 'SCORES'],
    [0, 'stable', 'RESTORED'],
  ]);
  assert.equal(lineOf(chain).stable, 0);
  const proven = adopted();
  score(proven, 0, alike(4, 800_000));
  score(proven, 1, alike(64, 800_000));
  proven.next();
  assert.equal(lineOf(proven).control, null);
  score(proven, 1, alike(100, 0));
  proven.next();
  assert.equal(lineOf(proven).stable, 1);
});

test('what was built on a version that is taken back goes with it: canary and round', () => {
  const chain = adopted();
  anotherCanary(chain);
  score(chain, 0, alike(4, 800_000));
  score(chain, 1, alike(4, 0));
  const { events } = chain.next();
  assert.deepEqual(changes(events), [
    [2, 'rolledBack', 'PARENT'],
    [1, 'rolledBack', 'SCORES'],
    [0, 'stable', 'RESTORED'],
  ]);
  assert.deepEqual([lineOf(chain).stable, lineOf(chain).canary], [0, null]);

  const training = adopted();
  plant(training, items);
  until(training, 'training');
  score(training, 0, alike(4, 800_000));
  score(training, 1, alike(4, 0));
  const closed = training.next().events.flatMap((event) => (event.type === 'round.closed' ? [event.reason] : []));
  assert.deepEqual(closed, ['BASE']);
  // Its feedback is in the round that opens at once, from the restored version.
  assert.deepEqual([roundOf(training).base, roundOf(training).items], [0, [4, 5, 6, 7]]);
  assert.ok(checkSupply(training.state).ok);
});

test('operators of more than half of the stake take back a canary, then the stable version', () => {
  const chain = adopted();
  anotherCanary(chain);
  const vote = (at: number, version: number) =>
    chain.transaction(chain.validators[at]!, { type: 'model.rollback', domain: DOMAIN, version });
  fund(chain);
  assert.deepEqual(
    chain.codes(
      vote(0, 1),
      vote(0, 2),
      vote(0, 2),
      vote(1, 2),
      chain.transaction(chain.validators[0]!.expert, { type: 'model.rollback', domain: DOMAIN, version: 2 }),
      chain.transaction(chain.validators[0]!, { type: 'model.rollback', domain: 'elsewhere', version: 2 }),
    ),
    ['VERSION_NOT_LIVE', 'OK', 'ALREADY_VOTED', 'OK', 'NOT_VALIDATOR', 'DOMAIN_UNKNOWN'],
  );
  // Exactly half is not enough.
  assert.equal(lineOf(chain).canary?.version, 2);
  chain.next({ transactions: [vote(2, 2)] });
  assert.deepEqual([lineOf(chain).canary, lineOf(chain).stable, lineOf(chain).rollbackVotes], [null, 1, []]);
  assert.equal(versionAt(chain, 2).reason, 'VOTED');
  chain.next({ transactions: [vote(0, 1), vote(1, 1), vote(3, 1)] });
  assert.equal(lineOf(chain).stable, 0);
  assert.deepEqual(chain.codes(vote(2, 0)), ['VERSION_NOT_LIVE']);
});

test('a second version grows from the first: parent, factors, learnt root', () => {
  const chain = adopted();
  anotherCanary(chain, { reportOf: (_, round) => goodReport(round, { accepted: [true, true, false, true] }) });
  const [first, second] = [versionAt(chain, 1), versionAt(chain, 2)];
  assert.deepEqual([second.parent, second.learnt, second.learntSize], [1, [4], 3]);
  assert.equal(first.learntRoot, rootOf([0, 2]));
  assert.equal(second.learntRoot, rootOf([0, 2, 4]));
});

test('quotes of learnt passages are proven under the root of the version that answers, and of no other', () => {
  const own = { text: 'Own.', source: 'own' };
  const chain = withPassage();
  const second = passageLeafOf(2);
  const knowledge = new PassageTree([own, own]);
  const profile = profileOf(chain.validators[0]!.address, { knowledgeRoot: knowledge.root, knowledgeSize: 2 });
  const quote = (index: number): Answer => answerOf({ kind: 'quote', ...passage, index, proof: [second] });
  const problem = (answer: Answer, version: number) =>
    answerProblem(answer, { profile, learnt: learntOf(chain.state, DOMAIN, version) }, chain.genesis.params);
  assert.equal(problem(quote(2), 1), null);
  for (const [index, version] of [
    [2, 0],
    [3, 1],
    [0, 1],
    [1, 1],
    [2, 7],
  ] as const)
    assert.equal(problem(quote(index), version), 'ANSWER_QUOTE_UNPROVEN');
  // The expert's own passages stay where they are.
  const ownQuote = answerOf({ kind: 'quote', ...own, index: 1, proof: knowledge.proof(1, own)! });
  assert.equal(problem(ownQuote, 1), null);
});

test('on a chain an answer may quote what its slot’s version has learnt, and only that', () => {
  const segment: QuoteSegment = { kind: 'quote', ...passage, index: 0, proof: [passageLeafOf(2)] };
  const codes = (canaryShare: number) => {
    const chain = withPassage({ learning: { canaryShare, canaryHeights: 100 } });
    const id = chain.open();
    const answers = [answerOf(segment), answerOf(segment)];
    chain.next({ transactions: chain.commits(id, answers) });
    return chain.codes(...chain.reveals(id, answers));
  };
  assert.deepEqual(codes(1_000_000), ['OK', 'OK']);
  assert.deepEqual(codes(1), ['ANSWER_QUOTE_UNPROVEN', 'ANSWER_QUOTE_UNPROVEN']);
});

test('a chain may bring factors of version 0; a domain without any has a version 0 all the same', () => {
  const chain = withCanary();
  assert.equal(versionOf(chain.state, DOMAIN, 0)?.factors, ZERO_HASH);
  assert.equal(versionOf(chain.state, DOMAIN, 9), null);
  assert.equal(versionOf(chain.state, DOMAIN, 0)?.learntRoot, merkleRoot([]));
});

test('the alarm is given and the gate refuses before bias has doubled, however slowly it grows', () => {
  const chain = learningChain({ learning: { biasMax: 60_000, canaryHeights: 1 } });
  const events: ChainEvent[] = [];
  // Every round makes it a tenth worse; the first version was measured at 200.
  let bias = 200;
  let adoptedBias = bias;
  for (let round = 1; round <= 8; round++) {
    const [biasBefore, biasAfter] = [adoptedBias, Math.floor((adoptedBias * 11) / 10)];
    bias = biasAfter;
    plant(chain, items);
    const reportOf = (_: number, open: TrainingRound): GateReport =>
      goodReport(open, {
        measures: { ...goodReport(open).measures, biasBefore, biasAfter },
        accepted: open.items.map(() => false),
      });
    events.push(...playRound(chain, { reportOf }).events);
    while (lineOf(chain).canary !== null) events.push(...chain.next().events);
    const { state } = versionAt(chain, round);
    if (state === 'stable') adoptedBias = bias;
  }
  const alarms = events.flatMap((event) => (event.type === 'bias.alarm' ? [event] : []));
  assert.ok(alarms.length > 0);
  const [alarm] = alarms;
  assert.equal(alarm!.mark, 300);
  assert.ok(alarm!.bias >= 300 && alarm!.bias < 400, `${alarm!.bias}`);
  assert.ok(adoptedBias < 300);
  const refused = versionAt(chain, alarm!.version);
  assert.deepEqual([refused.state, refused.reason], ['rejected', 'BIAS']);
  assert.equal(biasMark(chain.state, DOMAIN, { biasBefore: 9_999 }, chain.genesis.params.learning), 300);
});

test('a first bias below a hundredth of a nat counts as that', () => {
  const chain = learningChain();
  const { learning } = chain.genesis.params;
  assert.equal(biasMark(chain.state, DOMAIN, { biasBefore: 2 }, learning), 15);
  assert.equal(biasMark(chain.state, DOMAIN, { biasBefore: 11 }, learning), 17);
});

test('rejected versions leave the line as it is and the next round may open at once', () => {
  const chain = learningChain();
  plant(chain, [...items, ...items]);
  const { events } = playRound(chain, {
    reportOf: (_, round) =>
      goodReport(round, { factors: ZERO_HASH, adapter: ZERO_HASH, accepted: round.items.map(() => false) }),
  });
  assert.deepEqual(eventTypes(events), ['version.made', 'round.closed', 'round.opened']);
  assert.equal(readRound(chain.state, DOMAIN)?.base, 0);
});

/** A canary whose first learnt passage is this one. */
function withPassage(overrides: Parameters<typeof learningChain>[0] = {}): TestChain {
  const chain = learningChain(overrides);
  plant(chain, items);
  const overlay = new Overlay(chain.state);
  writeFeedback(overlay, { ...feedbackAt(chain, 0), leaf: new PassageTree([passage]).root });
  chain.state = chain.state.update(overlay.writes());
  playRound(chain);
  return chain;
}

function answerOf(segment: QuoteSegment): Answer {
  return { segments: [segment], modelId: MODEL_ID, promptTokens: 1, answerTokens: 0 };
}

function rootOf(numbers: readonly number[]) {
  return merkleRoot(numbers.map((number) => new TextEncoder().encode(`passage ${number}`)));
}

function passageLeafOf(number: number) {
  const leaves = [0, number].map((each) => new TextEncoder().encode(`passage ${each}`));
  return merkleProof(leaves, 0)[0]!;
}

/** Validators' operators have no money of their own at genesis. */
function fund(chain: TestChain): void {
  chain.next({
    transactions: chain.validators.map(({ address, expert }) => chain.transfer(expert, address, 1_000_000_000n)),
  });
}

test('market §16.3: an answer that was asked for by name counts for no version', () => {
  const chain = learningChain();
  plant(chain, items);
  const [coordinator, host] = chain.validators;
  const live = (expert: TestChain['validators'][number]['expert']['address'] | null) => {
    const before = lineOf(chain).live;
    const id = chain.open({ coordinator: coordinator!.address, respondents: 1, expert });
    chain.answer(id, [generated('It is Paris.')]);
    settle(chain, id);
    return lineOf(chain).live.count - before.count;
  };
  assert.deepEqual([live(host!.expert.address), live(null)], [0, 1]);
});

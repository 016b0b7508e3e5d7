/** A training round on a real chain: phases, trainers, gate and what it comes to (learning §4, §8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CHAIN_LIMITS,
  checkSupply,
  type DeltaVerdict,
  learningWork,
  listPendingBlobs,
  readAccount,
  readExpert,
  readRound,
  roundId,
  ZERO_HASH,
} from '../../src/index.ts';
import { eventTypes, keysOf, SYN, saltOf, user } from '../test-chain.ts';
import {
  attestAll,
  DOMAIN,
  deltaCommits,
  deltaOf,
  deltaReveals,
  feedbackAt,
  gateCommits,
  gateReveals,
  goodReport,
  hashOf,
  learningChain,
  lineOf,
  plant,
  playGate,
  playRound,
  type ReportOf,
  roundOf,
  until,
  versionAt,
} from './play-round.ts';

test('a round opens with enough feedback, is dealt by the next block, and ends in a canary', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct']);
  assert.equal(chain.next().events.length, 0);
  plant(chain, ['bad', 'good']);
  const opened = chain.next();
  assert.deepEqual(eventTypes(opened.events), ['round.opened']);
  const { id, phase, seed, items, trainers } = roundOf(chain);
  assert.deepEqual(
    [id, phase, seed, items, trainers],
    [roundId(DOMAIN, chain.height), 'assigning', ZERO_HASH, [0, 1, 2, 3], []],
  );
  assert.deepEqual(lineOf(chain).waiting, [4]);
  assert.equal(feedbackAt(chain, 0).state, 'training');
  chain.next();
  assert.equal(roundOf(chain).phase, 'training');
  assert.equal(roundOf(chain).deadline, chain.height + 6);
  assert.equal(roundOf(chain).trainers.length, 4);
  // Everybody committed: the phase ends with this block.
  assert.deepEqual(chain.codes(...deltaCommits(chain)), ['OK', 'OK', 'OK', 'OK']);
  assert.equal(roundOf(chain).phase, 'revealing');
  assert.deepEqual(chain.codes(...deltaReveals(chain)), ['OK', 'OK', 'OK', 'OK']);
  assert.equal(roundOf(chain).phase, 'revealing');
  chain.next({ items: attestAll(chain) });
  assert.equal(roundOf(chain).phase, 'gating');
  assert.equal(roundOf(chain).gateSeed, ZERO_HASH);
  chain.next();
  assert.notEqual(roundOf(chain).gateSeed, ZERO_HASH);
  assert.equal(roundOf(chain).evaluators.length, 4);
  chain.next({ items: gateCommits(chain) });
  assert.equal(roundOf(chain).phase, 'gateRevealing');
  const { events } = chain.next({ items: gateReveals(chain) });
  assert.deepEqual(eventTypes(events), ['version.made', 'round.closed']);
  assert.equal(readRound(chain.state, DOMAIN), null);
  const version = versionAt(chain, 1);
  assert.deepEqual([version.state, version.reason, version.learnt, version.learntSize], ['canary', 'OK', [0, 2], 2]);
  assert.equal(version.factors, hashOf(`factors ${id}`));
  assert.deepEqual(
    version.contributions.map(({ verdict }) => verdict),
    ['ok', 'ok', 'ok', 'ok'],
  );
  assert.deepEqual(lineOf(chain).canary?.version, 1);
  for (const number of items) {
    const { state, version: came, deposit } = feedbackAt(chain, number);
    assert.deepEqual([state, came, deposit], ['used', 1, 0n]);
  }
  assert.ok(checkSupply(chain.state).ok);
});

test('at the end of an epoch one item is enough', () => {
  const chain = learningChain({ staking: { epochHeights: 5 } });
  plant(chain, ['correct']);
  while (chain.height < 4) chain.next();
  assert.equal(readRound(chain.state, DOMAIN), null);
  assert.deepEqual(eventTypes(chain.next().events), ['epoch.rewarded', 'round.opened'].reverse());
});

test('one account fills no more than its share of a round; the rest waits', () => {
  const chain = learningChain({ learning: { accountShare: 500_000 } });
  plant(chain, ['good', 'good', 'good', 'good']);
  const expert = chain.validators[0]!.expert;
  const [own] = plant(chain, ['good'], expert);
  chain.next();
  assert.deepEqual(roundOf(chain).items, [0, 1, own]);
  assert.deepEqual(lineOf(chain).waiting, [2, 3]);
});

test('no round opens beside a canary', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  playRound(chain);
  plant(chain, ['correct', 'good', 'correct', 'good']);
  chain.next();
  assert.equal(readRound(chain.state, DOMAIN), null);
});

test('trainers who are late, silent or without a blob are missing and lose nothing', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'training');
  const { deadline } = roundOf(chain);
  chain.next({ transactions: deltaCommits(chain, [0, 1, 2]) });
  const late = deltaCommits(chain, [3]);
  until(chain, 'revealing');
  assert.equal(chain.height, deadline);
  assert.deepEqual(chain.codes(...late), ['ROUND_PHASE']);
  // The first reveals and its blob comes; the blob of the second never does; the third never reveals.
  chain.next({ transactions: deltaReveals(chain, [0]) });
  chain.next({ items: attestAll(chain) });
  chain.next({ transactions: deltaReveals(chain, [1]) });
  assert.equal(roundOf(chain).trainers[0]!.delta?.isAvailable, true);
  const events = until(chain, 'gating');
  assert.ok(eventTypes(events).includes('blob.lost'));
  assert.deepEqual(
    roundOf(chain).trainers.map(({ delta }) => delta?.isAvailable ?? null),
    [true, null, null, null],
  );
  assert.deepEqual(listPendingBlobs(chain.state), []);
  // What validators say of those who sent nothing costs them nothing.
  playGate(chain, (_, round) => goodReport(round, { deltas: ['ok', 'harmful', 'copy', 'invalid'] }));
  assert.deepEqual(
    versionAt(chain, 1).contributions.map(({ verdict }) => verdict),
    ['ok', 'missing', 'missing', 'missing'],
  );
  for (const { expert } of versionAt(chain, 1).contributions)
    assert.equal(readExpert(chain.state, expert)!.bond, 10n * SYN);
});

test('codes of deltas: unknown round, other phase, strangers, twice, mismatch, too long', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'training');
  const round = roundOf(chain);
  const commit = (id = round.id) => ({ type: 'delta.commit', round: id, commitment: ZERO_HASH }) as const;
  const keys = chain.expertKeys(round.trainers[0]!.expert);
  assert.deepEqual(
    chain.codes(
      chain.transaction(keys, commit(ZERO_HASH)),
      chain.transaction(user, commit()),
      chain.transaction(keys, { ...deltaReveal(), type: 'delta.reveal' }),
      ...deltaCommits(chain, [0]),
      chain.transaction(keys, commit()),
    ),
    ['ROUND_UNKNOWN', 'TRAINER_UNKNOWN', 'ROUND_PHASE', 'OK', 'DELTA_TWICE'],
  );
  until(chain, 'revealing');
  const other = { ...deltaReveal(), content: hashOf('another') };
  const { deltaBytesMax } = chain.genesis.params.learning;
  assert.deepEqual(
    chain.codes(
      chain.transaction(keys, other),
      ...deltaReveals(chain, [0], deltaBytesMax + 1),
      ...deltaReveals(chain, [0], deltaBytesMax),
      ...deltaReveals(chain, [0]),
    ),
    ['DELTA_MISMATCH', 'DELTA_TOO_LONG', 'OK', 'DELTA_TWICE'],
  );

  function deltaReveal() {
    const { expert } = round.trainers[0]!;
    const content = deltaOf(round, { expert });
    return { type: 'delta.reveal', round: round.id, salt: saltOf(expert), content, bytes: 10 } as const;
  }
});

test('a delta without bytes cannot stand in a block', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'training');
  chain.next({ transactions: deltaCommits(chain) });
  const { results } = chain.next({ transactions: deltaReveals(chain, [0], 0) });
  assert.deepEqual(results.transactions, []);
});

test('who joins, declines, pauses or retires while a round runs', () => {
  const chain = learningChain({ market: { expertReleaseHeights: 3 } });
  const [declined, paused, retired] = chain.validators.map(({ expert }) => expert);
  assert.deepEqual(
    chain.codes(
      chain.transaction(declined!, { type: 'expert.learn', learns: false }),
      chain.transaction(paused!, { type: 'expert.pause', paused: true }),
      chain.transaction(user, { type: 'expert.learn', learns: false }),
    ),
    ['OK', 'OK', 'EXPERT_UNKNOWN'],
  );
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'training');
  const drawn = roundOf(chain).trainers.map(({ expert }) => expert);
  assert.equal(drawn.length, 2);
  assert.ok(!drawn.includes(declined!.address) && !drawn.includes(paused!.address));
  // Those who come back or are new wait for the next round; who retires may still deliver, and its bond waits.
  const place = drawn.indexOf(retired!.address);
  assert.deepEqual(
    chain.codes(
      chain.transaction(declined!, { type: 'expert.learn', learns: true }),
      chain.transaction(retired!, { type: 'expert.retire', expert: retired!.address }),
      ...deltaCommits(chain, [place]),
    ),
    ['OK', 'OK', 'OK'],
  );
  until(chain, 'revealing');
  assert.deepEqual(chain.codes(...deltaReveals(chain, [place])), ['OK']);
  chain.next({ items: attestAll(chain) });
  until(chain, 'gating');
  assert.equal(readExpert(chain.state, retired!.address)?.status, 'retired');
  const deltas = [0, 1].map((at): DeltaVerdict => (at === place ? 'harmful' : 'missing'));
  playGate(chain, (_, round) => goodReport(round, { deltas }));
  assert.equal(readExpert(chain.state, retired!.address)?.bond ?? 0n, 9_500_000_000n);
  chain.next();
  chain.next();
  assert.equal(readExpert(chain.state, retired!.address), null);
  assert.ok(checkSupply(chain.state).ok);
});

test('without experts that learn a round still teaches knowledge', () => {
  const chain = learningChain();
  chain.next({
    transactions: chain.validators.map(({ expert }) =>
      chain.transaction(expert, { type: 'expert.learn', learns: false }),
    ),
  });
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'gating');
  assert.deepEqual(roundOf(chain).trainers, []);
  playGate(chain, (_, round) => goodReport(round, { factors: ZERO_HASH, adapter: ZERO_HASH }));
  const { state, reason, learnt, factors } = versionAt(chain, 1);
  assert.deepEqual([state, reason, learnt, factors], ['canary', 'NO_CANDIDATE', [0, 2], ZERO_HASH]);
});

test('the gate waits for present validators, not for absent ones, and at most for its window', () => {
  const chain = learningChain({ absenceHeights: 3 });
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'gating');
  chain.next();
  const { deadline } = roundOf(chain);
  chain.next({ items: gateCommits(chain, (at, round) => (at === 3 ? null : goodReport(round))) });
  assert.equal(roundOf(chain).phase, 'gating');
  until(chain, 'gateRevealing');
  assert.equal(chain.height, deadline);
  // One that stopped signing long ago is waited for by nobody.
  const other = learningChain({ absenceHeights: 3 });
  plant(other, ['correct', 'good', 'correct', 'good']);
  const three = (items: ReturnType<typeof gateCommits>) => ({ items, absent: [3] });
  while (readRound(other.state, DOMAIN)?.phase !== 'gating') other.next({ absent: [3] });
  other.next({ absent: [3] });
  const silent = (at: number) => (at === 3 ? null : goodReport(roundOf(other)));
  other.next(three(gateCommits(other, silent)));
  assert.equal(roundOf(other).phase, 'gateRevealing');
  other.next(three(gateReveals(other, silent)));
  assert.equal(readRound(other.state, DOMAIN), null);
  assert.equal(versionAt(other, 1).reports, 3);
});

test('evaluators are a committee where there are more validators than may score', () => {
  const chain = learningChain({ market: { scorersMax: 3 } }, [10n, 10n, 10n, 10n, 10n]);
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'gating');
  chain.next();
  assert.equal(roundOf(chain).evaluators.length, 3);
  const drawn = roundOf(chain).evaluators.map(({ operator }) => operator);
  playGate(chain);
  assert.equal(versionAt(chain, 1).reports, 3);
  assert.ok(chain.validators.some(({ address }) => !drawn.includes(address)));
});

test('without a quorum of reports the feedback waits again, and nothing is paid or burnt', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  const { events } = playRound(chain, { reportOf: (at, round) => (at < 2 ? goodReport(round) : null) });
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'round.closed' ? [[event.version, event.reason]] : [])),
    [[null, 'NO_QUORUM']],
  );
  assert.equal(lineOf(chain).last, 0);
  // With four items waiting the next round opens in the same block.
  assert.deepEqual(roundOf(chain).items, [0, 1, 2, 3]);
  assert.equal(feedbackAt(chain, 0).deposit, chain.genesis.params.learning.feedbackDeposit);
  assert.ok(checkSupply(chain.state).ok);
});

test('reports that open nothing, or are of another shape, do not count', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'gating');
  chain.next();
  const short = (round: ReturnType<typeof roundOf>) => goodReport(round, { accepted: [true] });
  chain.next({ items: gateCommits(chain, (at, round) => (at === 0 ? short(round) : goodReport(round))) });
  until(chain, 'gateRevealing');
  const other = (round: ReturnType<typeof roundOf>) => goodReport(round, { adapter: ZERO_HASH });
  chain.next({
    items: gateReveals(chain, (at, round) => (at === 0 ? short(round) : at === 1 ? other(round) : goodReport(round))),
  });
  const reports = roundOf(chain).evaluators.filter(({ report }) => report !== null);
  assert.equal(reports.length, 2);
});

test('nobody commits after reveals have begun, reveals before, commits twice, or reports without being an evaluator', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'gating');
  chain.next();
  const three: ReportOf = (at, round) => (at === 3 ? null : goodReport(round));
  const other: ReportOf = (at, round) => (at === 0 ? goodReport(round, { adapter: ZERO_HASH }) : null);
  const stands = (what: 'commitment' | 'report') => roundOf(chain).evaluators.map((each) => each[what] !== null);
  chain.next({ items: gateCommits(chain, three) });
  const first = roundOf(chain).evaluators[0]!.commitment;
  chain.next({ items: gateCommits(chain, other) });
  assert.equal(roundOf(chain).evaluators[0]!.commitment, first);
  chain.next({ items: gateReveals(chain, three) });
  assert.deepEqual(stands('report'), [false, false, false, false]);
  until(chain, 'gateRevealing');
  chain.next({ items: gateCommits(chain) });
  assert.deepEqual(stands('commitment'), [true, true, true, false]);
  chain.next({ items: gateReveals(chain, (at, round) => (at > 1 ? goodReport(round) : null)) });
  assert.deepEqual(stands('report'), [false, false, true, false]);
});

test('weights fail and knowledge passes: the version keeps its parent’s factors', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  const balance = readAccount(chain.state, user.address).balance;
  const worse = { ...goodReport(emptyRound()).measures, feedbackAfter: 3_001 };
  playRound(chain, {
    reportOf: (_, round) => goodReport(round, { measures: worse, accepted: [true, false, false, true] }),
  });
  const { state, reason, factors, learnt } = versionAt(chain, 1);
  assert.deepEqual([state, reason, factors, learnt], ['canary', 'GAIN', ZERO_HASH, [0]]);
  // Number 2 is a correction that was refused: its deposit is burnt. Ratings are used whatever reports say.
  assert.deepEqual(
    [0, 1, 2, 3].map((number) => feedbackAt(chain, number).state),
    ['used', 'used', 'refused', 'used'],
  );
  const { feedbackDeposit } = chain.genesis.params.learning;
  assert.equal(readAccount(chain.state, user.address).balance, balance + 3n * feedbackDeposit);
  assert.ok(checkSupply(chain.state).ok);
});

test('where nothing is new the version is rejected and answers nothing', () => {
  const chain = learningChain();
  plant(chain, ['correct', 'good', 'correct', 'good']);
  const measures = { ...goodReport(emptyRound()).measures, trigger: 50_001 };
  playRound(chain, { reportOf: (_, round) => goodReport(round, { measures, accepted: [false, true, false, true] }) });
  const { state, reason } = versionAt(chain, 1);
  assert.deepEqual([state, reason], ['rejected', 'TRIGGER']);
  assert.deepEqual([lineOf(chain).canary, lineOf(chain).stable, lineOf(chain).last], [null, 0, 1]);
  assert.equal(feedbackAt(chain, 1).version, null);
});

test('copies, invalid and harmful deltas cost a part of the bond, idle ones none; a short bond pauses its expert', () => {
  const chain = learningChain({ learning: { trainerSlash: 100_000 } });
  plant(chain, ['correct', 'good', 'correct', 'good']);
  const { events } = playRound(chain, {
    reportOf: (_, round) => goodReport(round, { deltas: ['idle', 'copy', 'harmful', 'invalid'] }),
  });
  const slashed = events.flatMap((event) => (event.type === 'trainer.slashed' ? [event] : []));
  assert.deepEqual(
    slashed.map(({ verdict, amount }) => [verdict, amount]),
    [
      ['copy', SYN],
      ['harmful', SYN],
      ['invalid', SYN],
    ],
  );
  const [idle, ...others] = versionAt(chain, 1).contributions.map(({ expert }) => readExpert(chain.state, expert)!);
  assert.deepEqual([idle!.bond, idle!.status], [10n * SYN, 'active']);
  for (const { bond, status } of others) assert.deepEqual([bond, status], [9n * SYN, 'paused']);
  assert.ok(checkSupply(chain.state).ok);
});

test('duties of a node at each phase', () => {
  const chain = learningChain();
  const { address: operator, expert } = chain.validators[0]!;
  const work = () => learningWork(chain.state, { operator, experts: [expert.address] });
  plant(chain, ['correct', 'good', 'correct', 'good']);
  until(chain, 'training');
  const [duty] = work().train;
  assert.equal(duty?.expert, expert.address);
  assert.equal(duty?.shard.length, 2);
  assert.deepEqual(learningWork(chain.state, { operator, experts: [user.address] }).train, []);
  chain.next({ transactions: deltaCommits(chain) });
  assert.deepEqual([work().train.length, work().revealDelta.length], [0, 1]);
  chain.next({ transactions: deltaReveals(chain) });
  assert.deepEqual([work().revealDelta.length, work().attest.length], [0, 4]);
  assert.equal(learningWork(chain.state, { operator: null, experts: [] }).attest.length, 0);
  assert.equal(learningWork(chain.state, { operator: keysOf('nobody').address, experts: [] }).attest.length, 0);
  chain.next({ items: attestAll(chain, [0]) });
  assert.equal(work().attest.length, 0);
  chain.next({ items: attestAll(chain) });
  assert.equal(roundOf(chain).phase, 'gating');
  // The gate is not convened before the next block's beacon.
  assert.equal(work().gate.length, 0);
  chain.next();
  assert.equal(work().gate.length, 1);
  chain.next({ items: gateCommits(chain) });
  assert.deepEqual([work().gate.length, work().revealGate.length], [0, 1]);
  assert.ok(CHAIN_LIMITS.trainersMax >= 4);
});

function emptyRound() {
  const empty = { id: ZERO_HASH, domain: DOMAIN, openedAt: 1, base: 0, phase: 'gating', deadline: 1 } as const;
  const rule = { aggregator: 2, normMax: 2_000, shardCopies: 2 };
  return { ...empty, rule, seed: ZERO_HASH, gateSeed: ZERO_HASH, items: [], trainers: [], evaluators: [] };
}

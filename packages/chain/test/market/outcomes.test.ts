/** What assignments come to: breakers, outages, reputations, open assignments (market §3.8–§3.11, §8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  breakerState,
  createReceipt,
  isOutage,
  listCandidates,
  type QueryState,
  type Receipt,
  readOutcomes,
  recordOutcomes,
  selectRespondents,
  withOutcome,
} from '../../src/index.ts';
import { generated, MODEL_ID } from '../test-chain.ts';
import { addressOfExpert, beaconNumber, SLOT, Urn, type UrnExpert } from './urn.ts';

const M = 1_000_000;
const MARKET = { breakerFailures: 3, breakerHeights: 10, breakerHeightsMax: 35 };
const RICH = { maxFee: 1_000_000_000n };

type Ending = 'silent' | number | 'unscored' | 'mismatch' | 'error' | 'match' | 'undecided';

/** A query that these experts were selected for and that ends so, settled at the urn's height. */
function settled(urn: Urn, endings: Readonly<Record<string, Ending>>, change: Partial<Receipt> = {}): void {
  const names = Object.keys(endings);
  const slots = names.map((name, index) => {
    const { profile, address, registeredAt } = urn.expert(name);
    const isSilent = endings[name] === 'silent';
    return {
      ...SLOT,
      expert: address,
      operator: profile.operator,
      registeredAt,
      rounds: isSilent ? 0 : 1,
      group: isSilent ? null : index,
    };
  });
  const query: QueryState = {
    ...urn.query({ ...RICH, respondents: names.length }),
    respondents: slots,
    groups: names.map((name, index) => ({
      answerHash: MODEL_ID,
      answer: generated(name),
      members: [index],
      verifiers: [],
    })),
  };
  const receipt = createReceipt(query, urn.height);
  const respondents = receipt.respondents.map((respondent, index) => {
    const ending = endings[names[index]!]!;
    if (typeof ending === 'number') return { ...respondent, score: ending };
    if (ending === 'silent' || ending === 'unscored') return respondent;
    return { ...respondent, score: 900_000, verdict: ending };
  });
  recordOutcomes(urn.state, query, { ...receipt, ...change, respondents }, { height: urn.height, params: urn.params });
}

function reasonOf(urn: Urn, name: string): string | null {
  const { excluded } = listCandidates(urn.state, urn.query(RICH));
  return excluded.find(({ expert }) => expert === addressOfExpert(name))?.reason ?? null;
}

/** Answers enough that silence is the expert's own. */
const reliable: UrnExpert = { name: 'reliable' };
function wellBehaved(urn: Urn): void {
  for (let i = 0; i < 32; i++) settled(urn, { reliable: 800_000 });
}

function fragile(): Urn {
  const urn = new Urn([reliable, { name: 'a' }], { market: MARKET }).at(100);
  wellBehaved(urn);
  return urn;
}

test('market §3.8: after so many silent assignments in a row an expert is left out for the breaker’s heights', () => {
  const urn = fragile();
  settled(urn, { a: 'silent' });
  settled(urn, { a: 'silent' });
  assert.deepEqual(urn.expert('a').breaker, { failures: 2, openUntil: 0 });
  assert.equal(reasonOf(urn, 'a'), null);
  settled(urn, { a: 'silent' });
  assert.deepEqual(urn.expert('a').breaker, { failures: 3, openUntil: 110 });
  assert.equal(reasonOf(urn.at(109), 'a'), 'breaker', 'selection at 110 still leaves it out');
  assert.equal(reasonOf(urn.at(110), 'a'), null);
});

test('market §3.8: an answer in between begins the count anew', () => {
  const urn = fragile();
  for (const ending of ['silent', 'silent', 500_000, 'silent', 'silent'] as const) settled(urn, { a: ending });
  assert.deepEqual(urn.expert('a').breaker, { failures: 2, openUntil: 0 });
});

test('market §3.9: half open takes one assignment at a time', () => {
  const urn = fragile();
  for (let i = 0; i < 3; i++) settled(urn, { a: 'silent' });
  urn.at(110);
  urn.add({ name: 'a', record: { breaker: { failures: 3, openUntil: 110 }, active: 1 } });
  assert.equal(breakerState(urn.expert('a'), 111), 'halfOpen');
  assert.equal(reasonOf(urn, 'a'), 'probing');
  urn.add({ name: 'a', record: { breaker: { failures: 0, openUntil: 0 }, active: 1 } });
  assert.equal(reasonOf(urn, 'a'), null, 'a closed one takes many');
});

test('market §3.9: every failed probe doubles the time up to its bound; an answered one closes', () => {
  const urn = fragile();
  for (let i = 0; i < 3; i++) settled(urn, { a: 'silent' });
  const until = [1, 2, 3].map(() => {
    urn.at(urn.expert('a').breaker.openUntil + 1);
    settled(urn, { a: 'silent' });
    return urn.expert('a').breaker.openUntil - urn.height;
  });
  assert.deepEqual(until, [20, 35, 35]);
  urn.at(urn.expert('a').breaker.openUntil + 1);
  settled(urn, { a: 500_000 });
  assert.deepEqual(urn.expert('a').breaker, { failures: 0, openUntil: 0 });
});

test('market §3.9: what was assigned before it opened and fails while it is open is no probe', () => {
  const urn = fragile();
  for (let i = 0; i < 5; i++) settled(urn, { a: 'silent' });
  assert.deepEqual(urn.expert('a').breaker, { failures: 3, openUntil: 110 });
});

test('market §3.10: selection counts an open assignment, settlement takes it back', () => {
  const urn = new Urn([{ name: 'a', record: { active: 2 } }, { name: 'b' }]);
  settled(urn, { a: 700_000, b: 'silent' });
  assert.deepEqual([urn.expert('a').active, urn.expert('b').active], [1, 0], 'never below nothing');
});

test('market §3.11: the window remembers 32 outcomes, and calls it an outage from half of at least eight', () => {
  const window = (...outcomes: boolean[]) => outcomes.reduce(withOutcome, { silent: 0, count: 0 });
  const times = (count: number, isSilent: boolean) => Array.from({ length: count }, () => isSilent);
  assert.equal(isOutage(window(...times(7, true))), false);
  assert.equal(isOutage(window(...times(8, true))), true);
  assert.equal(isOutage(window(...times(4, false), ...times(4, true))), true);
  assert.equal(isOutage(window(...times(5, false), ...times(4, true))), false);
  assert.equal(isOutage(window(...times(16, false), ...times(16, true))), true);
  assert.equal(isOutage(window(...times(17, false), ...times(15, true))), false);
  assert.equal(isOutage(window(...times(15, true), ...times(32, false))), false, 'the oldest leave');
  assert.equal(isOutage(window(...times(32, true), ...times(16, false))), true);
  assert.equal(window(...times(40, true)).count, 32);
});

test('market §3.11: in an outage silence costs no reputation and does not count for the breaker; answers count', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
  const urn = new Urn(
    names.map((name) => ({ name, record: { active: 1 } })),
    { market: MARKET },
  ).at(50);
  settled(urn, { ...Object.fromEntries(names.map((name) => [name, 'silent' as const])), a: 900_000 });
  assert.deepEqual(readOutcomes(urn.state), { silent: 0b0111111111, count: 10 });
  assert.deepEqual([urn.reputation('b').answers, urn.expert('b').breaker.failures, urn.expert('b').active], [0, 0, 0]);
  assert.equal(urn.reputation('a').answers, 1);
});

test('market §3.11: one silent expert among many that answer is no outage', () => {
  const urn = fragile();
  settled(urn, { a: 'silent' });
  assert.deepEqual([urn.reputation('a').answers, urn.expert('a').breaker.failures], [1, 1]);
});

test('market §3.11: what a cancelled query cut off counts for nothing', () => {
  const urn = fragile();
  const before = readOutcomes(urn.state);
  settled(urn, { a: 'silent' }, { cancelledAt: 99 });
  assert.deepEqual(readOutcomes(urn.state), before);
  assert.deepEqual([urn.reputation('a').answers, urn.expert('a').breaker.failures], [0, 0]);
  settled(urn, { a: 700_000 }, { cancelledAt: 99 });
  assert.equal(urn.reputation('a').answers, 1, 'what it delivered is judged');
});

test('market §8.2: the score is observed, silence and refuted answers are 0, the unscored stay as they were', () => {
  const after = (ending: Ending) => {
    const urn = fragile();
    settled(urn, { a: ending });
    const { alpha, beta, answers, updatedAt } = urn.reputation('a');
    return [alpha, beta, answers, updatedAt];
  };
  const kept = fragile().params.reputationForgetting;
  assert.deepEqual(after(250_000), [kept + 250_000, kept + 750_000, 1, 100]);
  for (const ending of ['silent', 'mismatch', 'error'] as const)
    assert.deepEqual(after(ending), [kept, kept + M, 1, 100]);
  for (const ending of ['match', 'undecided'] as const)
    assert.deepEqual(after(ending), [kept + 900_000, kept + 100_000, 1, 100]);
  assert.deepEqual(after('unscored'), [M, M, 0, 0]);
});

test('market §8.5: who registered anew between selection and settlement inherits nothing', () => {
  const urn = fragile();
  const before = urn.expert('a');
  const query: QueryState = {
    ...urn.query(RICH),
    respondents: selectRespondents(urn.state, urn.query({ ...RICH, respondents: 2 }), beaconNumber(1)).respondents,
  };
  urn.add({ name: 'a', record: { registeredAt: 90, active: 1 } });
  const receipt = createReceipt(query, urn.height);
  recordOutcomes(urn.state, query, receipt, { height: urn.height, params: urn.params });
  assert.equal(before.registeredAt, 0);
  assert.deepEqual([urn.expert('a').active, urn.expert('a').breaker.failures, urn.reputation('a').answers], [1, 0, 0]);
  assert.equal(urn.expert('reliable').breaker.failures, 1, 'the other one is booked');
});

test('market §8.5: a retired expert’s reputation is not written again', () => {
  const urn = fragile();
  urn.add({ name: 'a', record: { status: 'retired', active: 1 } });
  settled(urn, { a: 900_000 });
  assert.deepEqual([urn.reputation('a').answers, urn.expert('a').active], [0, 0]);
});

test('market §3.2: paused experts are left out', () => {
  const urn = new Urn([{ name: 'a', record: { status: 'paused' } }, { name: 'b' }]);
  assert.equal(reasonOf(urn, 'a'), 'paused');
  assert.equal(reasonOf(urn, 'b'), null);
});

/** Calibration by gold that was committed to when the query was opened (spec: market §12). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  balancedAccuracy,
  type Hash,
  readAccuracy,
  readExpert,
  readReputation,
  reputationMean,
  saysGold,
  sealHash,
} from '../../src/index.ts';
import { generated, type Keys, TestChain, user } from '../test-chain.ts';

const salt = new Uint8Array(32).fill(3);
const GOLD = ['Paris'];

/** A settled query with a right and a wrong answer; `scoresOf` says what each validator gives the two groups it may score. */
function settled(options: { score?: (truth: 0 | 1, at: number) => number; params?: object; calibrator?: number } = {}) {
  const chain = new TestChain({ params: { market: options.params ?? {} } });
  const calibrator = chain.validators[options.calibrator ?? 0]!;
  const id = chain.open({ seal: sealHash(calibrator.address, salt, GOLD) });
  chain.answer(id, [generated('It is Paris.'), generated('It is Lyon.')]);
  const score = options.score ?? ((truth) => (truth === 1 ? 900_000 : 100_000));
  const own = (at: number) =>
    chain
      .eligible(id, at)
      .map((group) => ({ group, score: score(chain.textOf(id, group) === 'It is Paris.' ? 1 : 0, at) }));
  const all = [0, 1, 2, 3].filter((at) => own(at).length > 0);
  chain.next({ items: new Map(all.map((at) => [at, [chain.scoreCommit(id, at, own(at))]])) });
  chain.next({ items: new Map(all.map((at) => [at, [chain.scoreReveal(id, at, own(at))]])) });
  assert.equal(chain.query(id).phase, 'settled');
  return { chain, id, calibrator };
}

function reveal(chain: TestChain, id: Hash, sender: Keys, change: object = {}) {
  return chain.transaction(sender, { type: 'calibration.reveal', queryId: id, salt, gold: GOLD, ...change });
}

/** Operators have no balance at genesis; the user pays their fees. */
function funded(chain: TestChain, ...keys: Keys[]): void {
  chain.next({ transactions: keys.map(({ address }) => chain.transfer(user, address, 1_000_000_000n)) });
}

test('market §12.4: gold is said by its words side by side, whatever case and punctuation', () => {
  assert.equal(saysGold('It is PARIS!', ['paris']), true);
  assert.equal(saysGold('It is New-York City.', ['York new', 'New York']), true);
  assert.equal(saysGold('Parisian', ['Paris']), false);
  assert.equal(saysGold('New and York', ['New York']), false);
  assert.equal(saysGold('São Paulo', ['São Paulo']), true);
  assert.equal(saysGold('Sao Paulo', ['São Paulo']), false);
  assert.equal(saysGold('', ['Paris']), false);
});

test('market §12.5: the right expert gains and the wrong one loses, twice as much as by one score', () => {
  const { chain, id, calibrator } = settled();
  funded(chain, calibrator);
  const { respondents } = chain.query(id);
  const mean = (at: number) => reputationMean(readReputation(chain.state, respondents[at]!.expert, 'general'));
  const groupText = (at: number) => chain.textOf(id, respondents[at]!.group!);
  const right = groupText(0) === 'It is Paris.' ? 0 : 1;
  const before = [mean(0), mean(1)];
  const answers = readReputation(chain.state, respondents[right]!.expert, 'general').answers;
  assert.deepEqual(chain.codes(reveal(chain, id, calibrator)), ['OK']);
  const judged = (at: number) => respondents[at]!.operator !== calibrator.address;
  if (judged(right)) {
    assert.ok(mean(right) > before[right]!);
    assert.equal(readReputation(chain.state, respondents[right]!.expert, 'general').answers, answers + 2);
  }
  if (judged(1 - right)) assert.ok(mean(1 - right) < before[1 - right]!);
});

test('market §12.6: who scored near the truth gains accuracy, who scored against it loses', () => {
  const { chain, id, calibrator } = settled({
    score: (truth, at) => ((truth === 1) === (at !== 2) ? 950_000 : 50_000),
  });
  funded(chain, calibrator);
  chain.next({ transactions: [reveal(chain, id, calibrator)] });
  const accuracy = (at: number) => {
    const { right, wrong } = readAccuracy(chain.state, chain.validators[at]!.address);
    return balancedAccuracy(right, wrong);
  };
  const scored = (at: number) => readAccuracy(chain.state, chain.validators[at]!.address).answers > 0;
  for (const at of [1, 3]) if (scored(at)) assert.ok(accuracy(at) > 500_000, `validator ${at}`);
  assert.ok(scored(2) && accuracy(2) < 500_000);
  assert.equal(scored(0), false, 'the calibrator does not judge itself');
});

test('market §12.6: scores of right and of wrong answers are judged apart; the same for all is worth one half', () => {
  const { chain, id, calibrator } = settled({ score: () => 700_000 });
  funded(chain, calibrator);
  chain.next({ transactions: [reveal(chain, id, calibrator)] });
  const forgotten = chain.genesis.params.reputationForgetting;
  for (const at of [1, 2, 3]) {
    const texts = chain.eligible(id, at).map((group) => chain.textOf(id, group));
    const { right, wrong, answers } = readAccuracy(chain.state, chain.validators[at]!.address);
    const saw = (text: string) => texts.includes(text);
    assert.equal(answers, texts.length);
    assert.equal(right.alpha, saw('It is Paris.') ? forgotten + 700_000 : 1_000_000);
    assert.equal(right.beta, saw('It is Paris.') ? forgotten + 300_000 : 1_000_000);
    assert.equal(wrong.alpha, saw('It is Lyon.') ? forgotten + 300_000 : 1_000_000);
    assert.equal(wrong.beta, saw('It is Lyon.') ? forgotten + 700_000 : 1_000_000);
    if (texts.length === 2) assert.ok(Math.abs(balancedAccuracy(right, wrong) - 500_000) <= 1);
  }
});

test('market §12.3: only its maker opens a seal, once, in time, after the scores, within its quota', () => {
  const { chain, id, calibrator } = settled({ params: { calibrationsMax: 1, calibrationHeights: 6 } });
  const [, other] = chain.validators;
  funded(chain, calibrator, other!);
  const code = (sender: Keys, change: object = {}, query = id) => chain.codes(reveal(chain, query, sender, change))[0];
  assert.equal(code(user), 'NOT_VALIDATOR');
  assert.equal(code(other!), 'SEAL_MISMATCH');
  assert.equal(code(calibrator, { gold: ['Lyon'] }), 'SEAL_MISMATCH');
  assert.equal(code(calibrator, { salt: new Uint8Array(32) }), 'SEAL_MISMATCH');
  assert.equal(code(calibrator, {}, 'cc'.repeat(32) as Hash), 'QUERY_UNKNOWN');
  assert.equal(code(calibrator), 'CALIBRATION_LATE');
});

test('market §12.3: the quota holds per epoch, an open query waits, and a seal opens once', () => {
  const { chain, id, calibrator } = settled({ params: { calibrationsMax: 1 } });
  funded(chain, calibrator);
  const open = chain.open({ seal: sealHash(calibrator.address, salt, GOLD) });
  const code = (query: Hash) => chain.codes(reveal(chain, query, calibrator))[0];
  assert.equal(code(open), 'QUERY_PHASE_WRONG');
  assert.equal(code(id), 'OK');
  assert.equal(code(id), 'ALREADY_CALIBRATED');
  const { chain: full, id: first, calibrator: same } = settled({ params: { calibrationsMax: 0 } });
  funded(full, same);
  assert.deepEqual(full.codes(reveal(full, first, same)), ['CALIBRATIONS_FULL']);
});

test('market §12.4: gold that more than two thirds of the scoring power contradict is void', () => {
  const { chain, id, calibrator } = settled({ score: (truth) => (truth === 1 ? 0 : 1_000_000) });
  funded(chain, calibrator);
  const before = chain.query(id).respondents.map(({ expert }) => readReputation(chain.state, expert, 'general'));
  const { events } = chain.next({ transactions: [reveal(chain, id, calibrator)] });
  const told = events.flatMap((event) => (event.type === 'query.calibrated' ? [event.isVoid] : []));
  const after = chain.query(id).respondents.map(({ expert }) => readReputation(chain.state, expert, 'general'));
  // Whether the masks leave more than two thirds of the power to one group depends on who was drawn.
  const counts = chain
    .query(id)
    .groups.map((_, group) => [0, 1, 2, 3].filter((at) => chain.eligible(id, at).includes(group)));
  const isVoid = counts.some((able) => 3 * able.length > 2 * 4);
  assert.deepEqual(told, [isVoid]);
  assert.equal(isVoid, true);
  assert.deepEqual(after, before);
  assert.equal(chain.query(id).calibrator, calibrator.address);
});

test('market §12.1: nothing in a contract tells a seal from a random number', () => {
  const { chain, id, calibrator } = settled();
  assert.match(chain.query(id).contract.seal, /^[0-9a-f]{64}$/);
  assert.notEqual(
    sealHash(calibrator.address, salt, GOLD),
    sealHash(calibrator.address, new Uint8Array(32).fill(4), GOLD),
  );
  assert.notEqual(sealHash(calibrator.address, salt, ['a', 'b']), sealHash(calibrator.address, salt, ['a b']));
});

test('market §12.5: an expert of the calibrator, and one that registered anew, are not judged', () => {
  const { chain, id } = settled();
  const { respondents } = chain.query(id);
  const own = chain.validators.findIndex(({ address }) => address === respondents[0]!.operator);
  const again = settled({ calibrator: own });
  funded(again.chain, again.calibrator);
  const mine = again.chain.query(again.id).respondents.filter(({ operator }) => operator === again.calibrator.address);
  const before = mine.map(({ expert }) => readReputation(again.chain.state, expert, 'general'));
  assert.deepEqual(again.chain.codes(reveal(again.chain, again.id, again.calibrator)), ['OK']);
  assert.deepEqual(
    mine.map(({ expert }) => readReputation(again.chain.state, expert, 'general')),
    before,
  );
  assert.ok(readExpert(again.chain.state, again.chain.query(again.id).respondents[0]!.expert) !== null);
});

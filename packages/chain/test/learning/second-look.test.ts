/** A round that goes through the gate twice, because some deltas spoilt the candidate (learning §8.6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeltaVerdict, readExpert, readRound, type TrainingRound, ZERO_HASH } from '../../src/index.ts';
import { DOMAIN, goodReport, learningChain, plant, playGate, playRound, roundOf, versionAt } from './play-round.ts';

const items = ['good', 'good', 'correct', 'good'] as const;

/** Bad as long as the delta at the place is in it. */
function spoiltBy(place: number, found: DeltaVerdict) {
  return (_: number, round: TrainingRound) => {
    const isSpoilt = round.trainers[place]!.leftOut === null;
    const deltas = round.trainers.map((_, at): DeltaVerdict => (at !== place ? 'ok' : isSpoilt ? found : 'missing'));
    const good = goodReport(round, { deltas });
    return isSpoilt ? { ...good, measures: { ...good.measures, feedbackAfter: 4_000 } } : good;
  };
}

function spoilt(found: DeltaVerdict, reportOf = spoiltBy(1, found)) {
  const chain = learningChain();
  plant(chain, items);
  playRound(chain, { reportOf });
  return { chain, reportOf };
}

test('a candidate that fails goes back to the gate without what was found harmful, and what it costs is taken at the end', () => {
  const { chain, reportOf } = spoilt('harmful');
  const round = roundOf(chain);
  assert.deepEqual([round.phase, round.gateSeed, round.evaluators], ['gating', ZERO_HASH, []]);
  assert.deepEqual(
    round.trainers.map(({ leftOut }) => leftOut),
    [null, 'harmful', null, null],
  );
  const { expert } = round.trainers[1]!;
  const bond = readExpert(chain.state, expert)!.bond;
  playGate(chain, reportOf);
  assert.equal(readRound(chain.state, DOMAIN), null);
  const version = versionAt(chain, 1);
  assert.deepEqual([version.state, version.reason], ['canary', 'OK']);
  assert.deepEqual(
    version.contributions.map(({ verdict, isCounted }) => [verdict, isCounted]),
    [
      ['ok', true],
      ['harmful', false],
      ['ok', true],
      ['ok', true],
    ],
  );
  assert.ok(readExpert(chain.state, expert)!.bond < bond);
});

test('the second look is the last, whatever it finds', () => {
  const bad = (_: number, round: TrainingRound) => {
    const good = goodReport(round, { deltas: ['ok', 'harmful', 'idle', 'ok'] });
    return { ...good, measures: { ...good.measures, feedbackAfter: 4_000 } };
  };
  const { chain } = spoilt('harmful', bad);
  assert.equal(roundOf(chain).phase, 'gating');
  playGate(chain, bad);
  assert.equal(readRound(chain.state, DOMAIN), null);
  assert.equal(versionAt(chain, 1).reason, 'GAIN');
});

test('there is none where the weights pass, where nothing bad was found, and where nothing good is left', () => {
  const passing = learningChain();
  plant(passing, items);
  playRound(passing, { reportOf: (_, round) => goodReport(round, { deltas: ['ok', 'harmful', 'ok', 'ok'] }) });
  assert.equal(readRound(passing.state, DOMAIN), null);
  assert.equal(versionAt(passing, 1).contributions[1]!.isCounted, true);
  for (const deltas of [
    ['ok', 'ok', 'ok', 'copy'],
    ['harmful', 'idle', 'harmful', 'idle'],
  ] as const) {
    const chain = learningChain();
    plant(chain, items);
    const reportOf = (_: number, round: TrainingRound) => {
      const good = goodReport(round, { deltas });
      return { ...good, measures: { ...good.measures, feedbackAfter: 4_000 } };
    };
    playRound(chain, { reportOf });
    assert.equal(readRound(chain.state, DOMAIN), null);
    assert.equal(versionAt(chain, 1).reason, 'GAIN');
  }
});

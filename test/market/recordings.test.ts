/** The market's recordings are the ones that were made, and their experiments run on them: the chain takes what was recorded. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { history, newTally, playHistory, startOfHistories } from '../../bench/market/histories.ts';
import { MarketRun } from '../../bench/market/market-run.ts';
import { ANSWERERS, DOMAINS, JUDGES } from '../../bench/market/population.ts';
import { RECORDINGS, readRecordings } from '../../bench/market/recording.ts';
import { deliveredAnswer, expertOf, loadRecordings, recordedScript, SCORERS } from '../../bench/market/replay.ts';

test('a hundred questions of each domain, every answer scored by every judge', () => {
  const questions = readRecordings();
  assert.deepEqual(
    DOMAINS.map((name) => questions.filter(({ domain }) => domain === name).length),
    DOMAINS.map(() => 100),
  );
  assert.equal(new Set(questions.map(({ id }) => id)).size, questions.length);
  for (const { answers } of questions) {
    assert.ok(answers.length >= ANSWERERS.length - 1);
    for (const { scores } of answers)
      assert.deepEqual(
        Object.keys(scores),
        JUDGES.map(({ name }) => name),
      );
  }
});

test('a recording that was changed is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-recordings-'));
  try {
    cpSync(RECORDINGS, folder, { recursive: true });
    const file = join(folder, 'medicine.jsonl.gz');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
    assert.throws(() => readRecordings(folder), /medicine\.jsonl\.gz is not the recording/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('recorded answers go through the chain with their proofs and are delivered as they were', () => {
  const recordings = loadRecordings();
  const experts = [expertOf(recordings, 'good', 'chemistry'), expertOf(recordings, 'liar', 'chemistry')];
  const run = new MarketRun({ seed: 'test', scorers: SCORERS, experts }, recordedScript(recordings, new Map()));
  const questions = recordings.questions.filter(({ domain }) => domain === 'chemistry').slice(0, 20);
  let right = 0;
  for (const question of questions) {
    const receipt = run.ask({ prompt: question.question, domain: 'chemistry', respondents: 2 });
    right += Number(deliveredAnswer(receipt, question)?.contains);
  }
  assert.ok(right >= 12, `${right} of ${questions.length}`);
  assert.ok(run.chain.state.supply().ok);
});

test('random histories of the market lose no nano', () => {
  const start = startOfHistories();
  const tally = newTally();
  fc.assert(
    fc.property(history, fc.nat(999), (blocks, beacons) => playHistory(start, blocks, `${beacons}`, tally)),
    { seed: 11, numRuns: 60 },
  );
  assert.equal(tally.lost, 0n);
  for (const outcome of ['answered', 'noAnswer', 'cancelled']) assert.ok(tally.outcomes.has(outcome), outcome);
});

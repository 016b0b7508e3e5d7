import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { LearnerControl } from '../../src/learning/learner-control.ts';
import { trainDelta } from '../../src/learning/train-delta.ts';
import { trainingTurns } from '../../src/learning/training-turns.ts';
import { tinyModel } from '../engine/tiny-model.ts';
import { corrections, trainJob } from './jobs.ts';

const modelDirectory = await tinyModel();
const folder = await mkdtemp(join(tmpdir(), 'synod-turn-test-'));
after(() => rm(folder, { recursive: true, force: true }));
const paths = { modelDirectory, path: (name: string): string => join(folder, name) };

/** Turns that are counted, and what was done outside of one. */
function turns(onStep: (done: number) => void = () => {}, signal = new AbortController().signal) {
  const seen = { taken: 0, isMine: false, stepsOutside: 0 };
  const control: LearnerControl = {
    signal,
    onProgress: ({ stage, done }) => {
      if (stage !== 'training') return;
      if (!seen.isMine) seen.stepsOutside += 1;
      onStep(done);
    },
    takeTurn: async () => {
      seen.taken += 1;
      seen.isMine = true;
      return async () => {
        seen.isMine = false;
      };
    },
  };
  return { seen, control };
}

test('all steps are taken in one turn, which is given back with the delta', async () => {
  const { seen, control } = turns();
  await trainDelta(trainJob(paths, 'whole'), control);
  assert.deepEqual(seen, { taken: 1, isMine: false, stepsOutside: 0 });
  assert.ok(existsSync(paths.path('whole.delta')));
});

test('a training that is taken back gives its turn back', async () => {
  const abort = new AbortController();
  const { seen, control } = turns((done) => done === 3 && abort.abort(), abort.signal);
  await assert.rejects(trainDelta(trainJob(paths, 'cancelled'), control), { code: 'CANCELLED' });
  assert.deepEqual(seen, { taken: 1, isMine: false, stepsOutside: 0 });
});

test('who has nothing to learn waits for no turn', async () => {
  const { seen, control } = turns();
  const shard = corrections(2).map((item) => ({ ...item, rating: 'bad' as const, passage: null }));
  await trainDelta(trainJob(paths, 'nothing', { shard }), control);
  assert.equal(seen.taken, 0);
});

test('turns come before threads, and no machine has more threads than cores', () => {
  const shares = [1, 2, 3, 4, 8, 64].map((cores) => trainingTurns(cores));
  assert.deepEqual(
    shares.map(({ turns, threads }) => [turns, threads]),
    [
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
      [4, 2],
      [4, 2],
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksLeft, phaseLines } from '../../../src/pages/learning/round-model.ts';
import {
  curveOf,
  curveText,
  feedbackOf,
  feedbackStateText,
  markOf,
  versionSentence,
} from '../../../src/pages/learning/version-model.ts';

const measures = {
  feedbackBefore: '1.842',
  feedbackAfter: '1.797',
  generalBefore: '2.100',
  generalAfter: '2.112',
  biasBefore: '0.010',
  biasAfter: '0.011',
  trigger: '0.000',
  injection: '0.000',
  spectral: '0.300',
};
const version = (number: number, state: string, more: object = {}) =>
  ({ version: number, state, reason: 'OK', reports: 4, measures, items: [0, 1], learnt: [1], ...more }) as never;

test('every version has one mark: accepted, canary, refused, rolled back', () => {
  const marks = ['stable', 'superseded', 'canary', 'rejected', 'rolledBack'].map((state) =>
    markOf({ version: 2, state } as never),
  );
  assert.deepEqual(marks, ['accepted', 'accepted', 'canary', 'refused', 'rolledBack']);
  assert.equal(markOf({ version: 0, state: 'stable' } as never), 'genesis');
});

test('the curve is in the order of versions; what was not measured has no value', () => {
  const points = curveOf([version(2, 'canary'), version(0, 'superseded'), version(1, 'stable', { reports: 0 })]);
  assert.deepEqual(
    points.map((point) => [point.version, point.heldOutBefore, point.heldOutAfter]),
    [
      [0, null, null],
      [1, null, null],
      [2, 1.842, 1.797],
    ],
  );
});

test('the text behind the curve counts versions by mark and tells the last change', () => {
  const text = curveText('geography', [version(1, 'superseded'), version(2, 'rejected'), version(3, 'stable')]);
  assert.equal(
    text,
    'geography has 3 versions: 2 accepted, 1 refused. Version 3 moved the held-out loss from 1.842 to 1.797 (−0.045) and the general loss from 2.100 to 2.112 (+0.012).',
  );
  assert.match(curveText('geography', []), /no version/);
});

test('weights may be refused while a correction becomes knowledge, and that is said', () => {
  assert.match(
    versionSentence(version(1, 'stable', { reason: 'GAIN' })),
    /stayed as they were\. One correction became knowledge/,
  );
  assert.doesNotMatch(versionSentence(version(1, 'rejected', { reason: 'GAIN' })), /became knowledge/);
  assert.equal(versionSentence(version(1, 'stable', { reason: 'SOMETHING_NEW', learnt: [] })), 'SOMETHING_NEW');
});

test('feedback of a version: words where they are here, numbers alone where they are not', () => {
  const known = [
    { number: 1, rating: 'correct', queryId: '0x1', author: 'syn1a', text: { prompt: 'P?', correction: 'C.' } },
  ] as never;
  const lines = feedbackOf(version(1, 'stable'), known);
  assert.deepEqual(
    lines.map(({ number, prompt, words, isLearnt }) => [number, prompt, words, isLearnt]),
    [
      [0, null, null, false],
      [1, 'P?', 'C.', true],
    ],
  );
  assert.equal(feedbackStateText({ state: 'used', version: 3 }), 'learnt in version 3');
  assert.equal(feedbackStateText({ state: 'refused', version: null }), 'refused by the gate');
});

const trainer = (hasCommitted: boolean, isOpen: boolean) => ({
  hasCommitted,
  delta: isOpen ? { content: '', bytes: 1, isAvailable: true } : null,
});

test('a round: phases done, now and next, and what of the present one is in', () => {
  const round = { trainers: [trainer(true, true), trainer(true, false)], evaluators: [] } as never as {
    trainers: never;
    evaluators: never;
  };
  const revealing = phaseLines({ ...round, phase: 'revealing' });
  assert.deepEqual(
    revealing.map(({ state }) => state),
    ['done', 'done', 'now', 'next', 'next'],
  );
  assert.deepEqual(revealing[2]?.count, { of: 2, got: 1, what: 'deltas are open' });
  assert.equal(phaseLines({ ...round, phase: 'gating' })[3]?.count, null, 'nobody is drawn yet');
  assert.ok(phaseLines({ ...round, phase: 'closed' }).every(({ state }) => state === 'done'));
  assert.deepEqual([blocksLeft({ deadline: '100' }, 90), blocksLeft({ deadline: '100' }, 130)], [10, 0]);
});

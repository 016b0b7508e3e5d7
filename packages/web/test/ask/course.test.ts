/** A question's course as the page shows it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryEventJson, QueryJson } from '@synod/rpc/client';
import {
  applyEvent,
  isRunning,
  newTurn,
  progressText,
  restartTurn,
  type Turn,
  wasReplaced,
} from '../../src/pages/ask/course.ts';

const queryId = `0x${'1'.repeat(64)}`;
const asked = newTurn({ key: 'k', prompt: 'q', isPrivate: false, askedAtMs: 1_000, account: 'alice' });
const result = (over: Partial<QueryJson>): QueryJson => ({ answer: 'yes', respondents: [], ...over }) as QueryJson;
const experts = [
  { expert: 'syn1a', name: 'ann', model: 'm' },
  { expert: 'syn1b', name: 'bea', model: 'm' },
];

const course: readonly QueryEventJson[] = [
  { kind: 'opened', queryId, height: '5' },
  { kind: 'selected', queryId, experts },
  { kind: 'token', queryId, expert: 'syn1a', text: 'ye' },
  { kind: 'token', queryId, expert: 'syn1a', text: 's ' },
  { kind: 'answerDone', queryId, expert: 'syn1b' },
  { kind: 'answerDone', queryId, expert: 'syn1a' },
  { kind: 'phase', queryId, phase: 'scoring', height: '8' },
  { kind: 'final', queryId, query: result({}) },
];

const after = (count: number): Turn =>
  course.slice(0, count).reduce((turn, event, index) => applyEvent(turn, event, 2_000 + 100 * index), asked);

test('text comes, is provisional, and the streamed expert alone ends it', () => {
  assert.equal(after(2).phase, 'answering');
  assert.deepEqual([after(4).provisional, after(4).firstTokenMs], ['yes ', 1_200]);
  assert.equal(after(5).phase, 'answering', 'another expert is done');
  assert.equal(after(6).phase, 'judging');
  assert.equal(progressText(after(7)), 'Validators score the answers');
});

test('final: the result stands, nothing runs, and the time is that of the end', () => {
  const turn = after(8);
  assert.deepEqual([turn.phase, isRunning(turn), turn.finalMs], ['final', false, 1_700]);
  assert.equal(wasReplaced(turn), false, 'white space at the ends is no other answer');
  assert.equal(wasReplaced({ ...turn, provisional: 'no' }), true);
  assert.equal(wasReplaced({ ...turn, provisional: '' }), false, 'nothing was shown before');
});

test('events that are told again after a reconnect do not double the text', () => {
  const again = course.slice(0, 4).reduce((turn, event) => applyEvent(turn, event, 9_000), restartTurn(after(4)));
  assert.equal(again.provisional, 'yes ');
});

test('a failure is told with its code, and ends it', () => {
  const turn = applyEvent(after(2), { kind: 'failed', queryId, code: 'NO_ANSWER', message: 'Nobody came.' }, 3_000);
  assert.deepEqual([turn.phase, turn.problem?.code, turn.problem?.what], ['failed', 'NO_ANSWER', 'Nobody came.']);
});

test('every state has words', () => {
  for (let count = 0; count < 8; count++) assert.ok(progressText(after(count)).length > 5);
  assert.match(progressText({ ...after(3), isStopping: true }), /^Stopping/);
});

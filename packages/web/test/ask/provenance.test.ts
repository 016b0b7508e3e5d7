/** Who answered and from which source, as read off a settled query. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryJson } from '@synod/rpc/client';
import { agreement, citedAnswer, outcomeText, respondentRows, tokensInAll } from '../../src/pages/ask/provenance.ts';

const respondent = (expert: string, answer: string | null, score: string): QueryJson['respondents'][number] => ({
  expert,
  name: expert,
  model: 'm',
  version: 0,
  score,
  paid: '5',
  verdict: null,
  slashed: '0',
  tokens: answer === null ? null : 7,
  answer,
  grounding: null,
});

const query = {
  answer: 'Paris',
  candidates: [
    { expert: 'a', weight: '30' },
    { expert: 'b', weight: '10' },
  ],
  consolidated: null,
  respondents: [respondent('b', 'Lyon', '0.900'), respondent('a', 'Paris', '0.800'), respondent('c', null, '0.000')],
} as unknown as QueryJson;

test('who agrees stands first; weights are shares of all candidates', () => {
  assert.deepEqual(
    respondentRows(query).map(({ expert, weight, agrees }) => [expert, weight, agrees]),
    [
      ['a', 0.75, true],
      ['b', 0.25, false],
      ['c', null, null],
    ],
  );
});

test('agreement counts those who said something', () => {
  assert.equal(agreement(query), 0.5);
  assert.equal(agreement({ ...query, answer: null }), null);
  assert.equal(tokensInAll(query), 14);
});

test('a passage that is quoted twice is one citation', () => {
  const { pieces, citations } = citedAnswer({
    answer: 'x',
    segments: [
      { kind: 'quote', text: 'A', source: 'S', passage: 3 },
      { kind: 'generated', text: ' and ', tokens: 1 },
      { kind: 'quote', text: 'B', source: 'S', passage: 3 },
      { kind: 'quote', text: 'C', source: 'S', passage: 4 },
    ],
  });
  assert.deepEqual(
    pieces.map((piece) => (piece.kind === 'quote' ? piece.citation : piece.text)),
    [1, ' and ', 1, 2],
  );
  assert.deepEqual(
    citations.map(({ number, passage }) => [number, passage]),
    [
      [1, 3],
      [2, 4],
    ],
  );
});

test('what is sealed is neither a text nor a citation', () => {
  const { pieces, citations } = citedAnswer({
    answer: null,
    segments: [
      { kind: 'sealed', bytes: 9 },
      { kind: 'generated', text: 'open', tokens: 1 },
    ],
  } as never);
  assert.deepEqual([pieces, citations], [[{ kind: 'text', text: 'open' }], []]);
});

test('an answer without segments is shown as it is', () => {
  assert.deepEqual(citedAnswer({ answer: 'plain', segments: [] }).pieces, [{ kind: 'text', text: 'plain' }]);
});

test('an end that is no answer has a sentence', () => {
  assert.equal(outcomeText('answered', false), null);
  assert.match(outcomeText('answered', true) ?? '', /You stopped it/);
  assert.match(outcomeText('noAnswer', true) ?? '', /You stopped it\. No expert had answered/);
  assert.match(outcomeText('noAnswer', false) ?? '', /No expert answered in time/);
  assert.match(outcomeText('cancelled', true) ?? '', /refunded/);
  assert.match(outcomeText('belowThreshold', true) ?? '', /No answer reached/);
  assert.equal(outcomeText(null, true), null);
});

/** How a selection is told: candidates, who was left out, draws, and what is no longer known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectionLines } from '../src/commands/query-explain.ts';

const factors = {
  mean: '0.750',
  deviation: '0.190',
  quality: '0.940',
  load: '0.500',
  price: '0.250',
  alone: '3000',
  siblings: 2,
};
const told = {
  queryId: '0xaa',
  seed: '0xbb',
  candidates: [
    { expert: 'syn1a', name: 'a', operator: 'syn1o', weight: '3000', share: '0.750', factors },
    { expert: 'syn1b', name: null, operator: 'syn1p', weight: '1000', share: '0.250', factors: null },
  ],
  excluded: [{ expert: 'syn1c', name: 'c', reason: 'breaker' }],
  draws: [{ expert: 'syn1b', name: null, drawn: '3500', total: '4000' }],
};

test('every factor of a candidate stands in its row, and reasons are told in words', () => {
  assert.deepEqual(selectionLines(told), [
    'query     0xaa',
    'seed      0xbb',
    'candidates',
    '  expert  share  quality  mean ± deviation  load   price  of operator  weight',
    '  a       0.750  0.940    0.750 ± 0.190     0.500  0.250  2            3000',
    '  syn1b   0.250  –        –                 –      –      –            1000',
    'left out',
    '  c  too many silent assignments in a row',
    'drawn',
    '  syn1b  3500 of 4000',
  ]);
});

test('what a node no longer keeps is said, and nobody is said to be nobody', () => {
  const bare = { queryId: null, seed: null, candidates: [], excluded: null, draws: [] };
  assert.deepEqual(selectionLines(bare), [
    'candidates',
    '  nobody',
    'left out  unknown: the state before the draw is no longer kept by this node',
  ]);
});

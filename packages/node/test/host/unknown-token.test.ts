import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAnswer, encodeAnswer, type Hash } from '@synod/chain';
import { UNKNOWN_TOKEN } from '@synod/inference';

test('an answer whose token ids nobody knows can be committed to: that of a model on a server', () => {
  const generated = { kind: 'generated', text: 'Yes.', tokens: [UNKNOWN_TOKEN], logProbabilities: [1000] } as const;
  const answer = { segments: [generated], modelId: '11'.repeat(32) as Hash, promptTokens: 9, answerTokens: 1 };
  const decoded = decodeAnswer(encodeAnswer(answer));
  assert.deepEqual(decoded.ok && decoded.value, answer);
});

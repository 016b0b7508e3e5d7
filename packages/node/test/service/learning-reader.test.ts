/** Which events of a block subscribers of `learning` hear. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainEvent, Hash } from '@synod/chain';
import { learningEvents } from '../../src/service/learning-reader.ts';

test('events of learning are told in order, and no others', () => {
  const hash = 'ab'.repeat(32) as Hash;
  const told: readonly ChainEvent[] = [
    { type: 'blob.available', content: hash, owner: { kind: 'feedback', domain: 'general', number: 0 } },
    { type: 'version.made', domain: 'general', version: 1, state: 'canary', reason: 'OK' },
  ];
  const others: readonly ChainEvent[] = [
    { type: 'validators.changed', from: 3 },
    { type: 'score.revealed', queryId: hash, validator: 'syn1' as never, scores: [] },
  ];
  assert.deepEqual(learningEvents([others[0]!, told[0]!, others[1]!, told[1]!]), told);
});

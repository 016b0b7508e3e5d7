/** What a newcomer is told of its chances, by the chain's own weights. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomerWeight } from '@synod/chain';
import { shareOfNewcomer } from '../src/offering/earnings.ts';

const market = { sharpness: 2, exploration: 0 };
const fee = 1_000_000n;
/** Another expert without experience, at the same price. */
const equal = { weight: newcomerWeight(fee, fee, market), fee };

test('equals share evenly; who is better known or cheaper takes more, and alone a newcomer is always asked', () => {
  assert.equal(shareOfNewcomer({ rivals: [], fee, market }, 1), 1_000_000);
  assert.equal(shareOfNewcomer({ rivals: [equal], fee, market }, 2), 1_000_000);
  assert.equal(shareOfNewcomer({ rivals: [equal, equal, equal], fee, market }, 1), 250_000);
  const better = { weight: 3n * equal.weight, fee };
  assert.equal(shareOfNewcomer({ rivals: [better], fee, market }, 1), 250_000);
  assert.equal(shareOfNewcomer({ rivals: [equal], fee: 4n * fee, market }, 1), 200_000);
  assert.equal(shareOfNewcomer({ rivals: [equal, equal, equal], fee, market }, 2), 437_500);
});

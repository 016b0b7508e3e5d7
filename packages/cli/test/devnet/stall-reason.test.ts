/** Why a chain stands still, in one clause. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offlineReason, partitionReason } from '../../src/devnet/stall-reason.ts';

const members = (...powers: bigint[]) => powers.map((power, index) => ({ operator: `op-${index}`, power }));
const online = (...indices: number[]) => new Set(indices.map((index) => `op-${index}`));

test('who is away is told only where too few are left', () => {
  const four = members(10n, 10n, 10n, 10n);
  assert.equal(offlineReason(four, online(0, 1, 2, 3)), null);
  assert.equal(offlineReason(four, online(0, 1, 2)), null);
  assert.equal(offlineReason(four, online(0, 3)), '2 of 4 validators are offline (need 3)');
  assert.equal(offlineReason(members(1n, 1n, 1n), online(0, 1)), '1 of 3 validators are offline (need 3)');
  assert.equal(offlineReason(members(1n), online()), '1 of 1 validators are offline (need 1)');
});

test('power decides, not heads', () => {
  const heavy = members(70n, 10n, 10n, 10n);
  assert.equal(offlineReason(heavy, online(0)), null);
  assert.equal(
    offlineReason(heavy, online(1, 2, 3)),
    '1 of 4 validators are offline (need more than 2/3 of the power)',
  );
});

test('a cut stalls a chain where no part is enough', () => {
  const four = members(10n, 10n, 10n, 10n);
  const operatorOf = new Map(four.map(({ operator }, index) => [`val-${index}`, operator]));
  assert.equal(partitionReason(four, null, operatorOf), null);
  assert.equal(partitionReason(four, [['val-0'], ['val-1', 'val-2', 'val-3']], operatorOf), null);
  assert.equal(
    partitionReason(
      four,
      [
        ['val-0', 'val-1'],
        ['val-2', 'val-3'],
      ],
      operatorOf,
    ),
    'the network is cut into 2 parts, the largest with 2 of 4 validators (need 3)',
  );
});

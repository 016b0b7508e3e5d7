/** One rule for what misconduct costs a bond (market §13.5, privacy §4, learning §8.5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSupply, Overlay, readExpert } from '../../src/index.ts';
import { slashBond } from '../../src/market/slash-bond.ts';
import { writeExpert } from '../../src/state/records.ts';
import type { Expert } from '../../src/types/index.ts';
import { SYN, TestChain } from '../test-chain.ts';

const chain = new TestChain({ params: { expertBondMin: 9n * SYN } });
const { params } = chain.genesis;
const expert = chain.validators[0]!.expert.address;

function slashed(part: number, change: Partial<Expert> = {}, registeredAt = 0) {
  const overlay = new Overlay(chain.state);
  writeExpert(overlay, { ...readExpert(overlay, expert)!, ...change });
  const amount = slashBond(overlay, { expert, registeredAt }, { part, params });
  const { bond, status } = readExpert(overlay, expert)!;
  assert.ok(checkSupply(chain.state.update(overlay.writes())).ok);
  return { amount, bond, status };
}

test('a part of the bond is burnt, and a bond below the least one pauses its expert', () => {
  assert.deepEqual(slashed(100_000), { amount: SYN, bond: 9n * SYN, status: 'active' });
  assert.deepEqual(slashed(100_001).status, 'paused');
  assert.deepEqual(slashed(1_000_000), { amount: 10n * SYN, bond: 0n, status: 'paused' });
});

test('who retired stays retired, and who registered anew is somebody else', () => {
  assert.deepEqual(slashed(500_000, { status: 'retired' }).status, 'retired');
  assert.deepEqual(slashed(500_000, {}, 3), { amount: 0n, bond: 10n * SYN, status: 'active' });
});

/** How validators stand, told from real state: signing, silent, jailed until when, released, joining, gone; and whose stake is where. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NANO_PER_SYN } from '@synod/chain';
import { StakeReader, type ValidatorView } from '../../src/service/stake-reader.ts';
import { alice, aliceSeed, Lab, operatorOf, operatorSeed } from '../host/lab.ts';

const staking = {
  epochHeights: 5,
  evidenceAgeHeights: 24,
  trustingPeriodMs: 1_000,
  unbondingHeights: 120,
  downtimeWindow: 40,
  downtimeMissedMax: 20,
  jailHeights: 30,
};

/** A reader that sees every block of node 0 as the node's service does. */
function follow(lab: Lab) {
  const node = lab.nodes[0]!;
  const reader = new StakeReader(() => node.head.state);
  let told = node.events.length;
  return {
    reader,
    view(index: number): ValidatorView {
      for (; told < node.events.length; told++) {
        const event = node.events[told]!;
        if (event.kind === 'blockApplied') reader.onHead(event.height, event.events);
      }
      return reader.validators().find(({ operator }) => operator === operatorOf(index))!;
    },
  };
}

test('staking §6.2: a validator that is down is told so, then jailed with the height of release, then let in again', () => {
  const lab = new Lab({ staking });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 60_000);
  const { view } = follow(lab);
  assert.deepEqual([view(3).standing.name, view(3).standing.next, view(3).power], ['signing', 'none', 1_000n]);

  lab.nodes[3]!.crash();
  lab.runUntil(() => view(3).standing.next === 'run', 300_000);
  assert.match(
    view(3).standing.reason,
    /has not signed since block \d+.*jailed once it missed more than 20 of the last 40/,
  );
  const before = view(3).missed;
  lab.runUntil(() => view(3).pool.status === 'jailed', 300_000);
  assert.ok(before > 5 && before <= 20);

  const jailed = view(3);
  const releaseAt = jailed.pool.jailedAt + staking.jailHeights;
  assert.deepEqual(
    [jailed.standing.name, jailed.standing.next, jailed.standing.fromHeight],
    ['jailed', 'wait', releaseAt],
  );
  assert.match(jailed.standing.reason, new RegExp(`jailed in block ${jailed.pool.jailedAt}`));
  lab.runUntil(() => view(3).power === 0n, 300_000);
  lab.nodes[3]!.restart();
  lab.runUntil(() => view(3).standing.next === 'unjail', 300_000);
  assert.equal(lab.nodes[0]!.head.height, releaseAt - 1, 'not a block before, not one after');

  lab.submit(operatorSeed(3), { type: 'validator.unjail', validator: operatorOf(3) });
  lab.runUntil(() => view(3).pool.status === 'active', 60_000);
  const joining = view(3);
  assert.equal(joining.standing.name, 'joining');
  lab.runUntil(() => view(3).standing.name === 'signing', 60_000);
  assert.equal(lab.nodes[0]!.head.height + 1, joining.standing.fromHeight, 'it enters when it was told to');

  lab.nodes[3]!.crash();
  lab.runUntil(() => view(3).missed >= 3, 60_000);
  lab.nodes[3]!.restart();
  lab.runUntil(() => view(3).lastSignedHeight >= lab.nodes[0]!.head.height - 1, 60_000);
  const backAt = lab.nodes[0]!.head.height;
  lab.runUntil(() => lab.nodes[0]!.head.height >= backAt + staking.downtimeWindow, 60_000);
  assert.equal(view(3).missed, 0, 'what lies before the window is forgiven');
});

test('staking §2.1, §5: delegations are worth their part, and what leaves is told with its height', () => {
  const lab = new Lab({ staking });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 60_000);
  const { reader, view } = follow(lab);
  const amount = 25n * NANO_PER_SYN;
  const settle = (): void => {
    const height = lab.heightEverywhere();
    lab.runUntil(() => lab.heightEverywhere() >= height + 3, 60_000);
  };
  lab.submit(aliceSeed, { type: 'delegate', validator: operatorOf(1), amount });
  settle();
  assert.deepEqual(reader.delegations(alice), [{ validator: operatorOf(1), shares: amount, amount }]);
  assert.deepEqual([view(1).pool.tokens, view(1).selfBond], [1_025n * NANO_PER_SYN, 1_000n * NANO_PER_SYN]);
  lab.submit(aliceSeed, { type: 'redelegate', from: operatorOf(1), to: operatorOf(2), amount: 5n * NANO_PER_SYN });
  settle();
  lab.submit(aliceSeed, { type: 'undelegate', validator: operatorOf(1), amount: 20n * NANO_PER_SYN });
  settle();
  const [moved, left] = reader.unbonding(alice);
  assert.deepEqual([moved?.kind, moved?.to, moved?.amount], ['redelegation', operatorOf(2), 5n * NANO_PER_SYN]);
  assert.deepEqual([left?.kind, left?.to, left?.amount], ['unbonding', null, 20n * NANO_PER_SYN]);
  assert.ok(moved!.maturesAt < left!.maturesAt);
  assert.deepEqual(reader.unbonding(operatorOf(0)), []);

  lab.submit(operatorSeed(0), { type: 'validator.exit', validator: operatorOf(0) });
  settle();
  assert.deepEqual([view(0).standing.name, view(0).standing.next, view(0).selfBond], ['exited', 'none', 0n]);
  lab.submit(operatorSeed(1), { type: 'undelegate', validator: operatorOf(1), amount: 999_500_000_000n });
  settle();
  assert.deepEqual([view(1).standing.next, view(1).powerWanted], ['bond', 0n]);
  assert.match(view(1).standing.reason, /own stake of 0\.5 SYN is below the 1 SYN needed/);
});

test('a head that does not follow the last one is read anew', () => {
  const lab = new Lab({ staking });
  const reader = new StakeReader(() => lab.nodes[0]!.head.state);
  lab.runUntil(() => lab.heightEverywhere() >= 3, 60_000);
  reader.onHead(lab.nodes[0]!.head.height, []);
  assert.equal(reader.validators().length, 4);
});

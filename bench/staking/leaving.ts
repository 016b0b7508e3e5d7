/** What a block of undelegations costs, and the block that pays them. Owns the chain it is measured on; prints and writes the table. */
import {
  addressOf,
  createGenesis,
  createGenesisState,
  defaultChainParams,
  fromHex,
  NANO_PER_SYN,
  Overlay,
  publicKeyOf,
  readParams,
  type StateTree,
  taggedHash,
} from '@synod/chain';
import { applyStaking } from '../../packages/chain/src/staking/apply-staking.ts';
import { deposit } from '../../packages/chain/src/staking/pool-shares.ts';
import { payMatured } from '../../packages/chain/src/staking/unbonding.ts';
import { issueToPot } from '../../packages/chain/src/state/ledger.ts';
import { quantile, report } from '../table.ts';

const [leavers, rounds] = [1_000, 30];
const validators = Array.from({ length: 4 }, (_, index) => addressOf(key(`operator ${index}`)));
const delegators = Array.from({ length: leavers }, (_, index) => addressOf(key(`delegator ${index}`)));

function key(label: string): ReturnType<typeof publicKeyOf> {
  return publicKeyOf(fromHex(taggedHash('bench/staking/key', Buffer.from(label))));
}

/** Every delegator has stake with the first validator. */
function startState(): StateTree {
  const genesis = createGenesis({
    chainId: 'staking',
    time: 1_700_000_000_000,
    devnet: true,
    params: defaultChainParams(),
    validators: validators.map((operator, index) => ({
      operator,
      publicKey: key(`consensus ${index}`),
      vrfKey: key(`beacon ${index}`),
      power: 1_000n,
    })),
    accounts: [],
    experts: [],
  });
  const state = createGenesisState(genesis);
  const overlay = new Overlay(state);
  issueToPot(overlay, 'staked', BigInt(leavers) * 10n * NANO_PER_SYN);
  for (const delegator of delegators) deposit(overlay, validators[0]!, delegator, 10n * NANO_PER_SYN);
  return state.update(overlay.writes());
}

/** Processor time of the work in microseconds for one of the leavers. */
function costOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / leavers;
}

function leave(state: StateTree, height: number): Overlay {
  const overlay = new Overlay(state);
  const params = readParams(overlay);
  for (const sender of delegators) {
    const payload = { type: 'undelegate', validator: validators[0]!, amount: NANO_PER_SYN } as const;
    const code = applyStaking(overlay, payload, { chainId: 'staking', sender, height, params, emit: () => undefined });
    if (code !== 'OK') throw new Error(`undelegate: ${code}`);
  }
  return overlay;
}

const start = startState();
const unbonding = readParams(start).staking.unbondingHeights;
const costs: Record<'leave' | 'leaveWrites' | 'leaveTree' | 'pay' | 'payTree', number[]> = {
  leave: [],
  leaveWrites: [],
  leaveTree: [],
  pay: [],
  payTree: [],
};
for (let round = 0; round < rounds; round++) {
  let overlay = new Overlay(start);
  let writes = overlay.writes();
  let state = start;
  costs.leave.push(
    costOf(() => {
      overlay = leave(start, 1);
    }),
  );
  costs.leaveWrites.push(
    costOf(() => {
      writes = overlay.writes();
    }),
  );
  costs.leaveTree.push(
    costOf(() => {
      state = start.update(writes);
      return state.root;
    }),
  );
  const paid = new Overlay(state);
  costs.pay.push(costOf(() => payMatured(paid, 1 + unbonding, () => undefined)));
  costs.payTree.push(costOf(() => state.update(paid.writes()).root));
}
const row = (figure: string, values: readonly number[]) => ({
  figure,
  value: `${quantile(values, 0.5).toFixed(1)} µs (least ${quantile(values, 0).toFixed(1)})`,
  goal: '-',
  met: null,
});
report(
  'staking-leaving',
  [
    row('an undelegation: its transition', costs.leave),
    row('  its records’ bytes', costs.leaveWrites),
    row('  its part of the tree', costs.leaveTree),
    row('its payment: the transition', costs.pay),
    row('  bytes and tree', costs.payTree),
  ],
  costs,
);

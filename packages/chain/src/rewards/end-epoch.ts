/**
 * The end of an epoch for those who answered and scored (spec: rewards §9): new money. Owns paying it out and starting the next
 * epoch's records; who gets how much is epoch-rewards.ts.
 */
import { readPool, writePool } from '../staking/stake-records.ts';
import type { EmitEvent } from '../state/events.ts';
import { issueTo, issueToPot } from '../state/ledger.ts';
import type { Overlay } from '../state/view.ts';
import { type Amount, type ChainParams, type Height, PPM } from '../types/index.ts';
import { epochRewards } from './epoch-rewards.ts';
import { gatherRewards } from './gather.ts';
import {
  epochUnderWay,
  keepEpoch,
  listBonded,
  listTallied,
  writeAttendance,
  writeBonded,
  writeBonds,
  writePaidAway,
  writeTallied,
  writeTally,
} from './reward-records.ts';
import type { RewardBond, ScorerReward } from './types.ts';

type Context = { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent };

/** At heights divisible by `epochHeights`: issues what the epoch earned and no nano more, and begins the next. */
export function payEpoch(overlay: Overlay, { params, height, emit }: Context): void {
  if (height % params.staking.epochHeights !== 0) return;
  const epoch = epochUnderWay(overlay);
  const input = gatherRewards(overlay, params);
  const rewards = epochRewards(input);
  const experts = rewards.experts.filter(({ payment }) => payment > 0n);
  const scorers = rewards.scorers.filter(({ payment }) => payment > 0n);
  for (const { expert, payment } of experts) issueTo(overlay, expert, payment);
  const shared = scorers.map((reward) => payScorer(overlay, reward));
  beginNext(overlay, rewards.bonds);
  keepEpoch(overlay, { epoch, height, input });
  emit({
    type: 'epoch.rewarded',
    epoch,
    issued: rewards.paid,
    experts: experts.map(({ expert, payment }) => ({ expert, payment })),
    scorers: shared,
  });
}

/** The commission goes to the operator, the rest into its pool, where it raises what every share is worth. */
function payScorer(
  overlay: Overlay,
  { operator, payment }: ScorerReward,
): { readonly operator: ScorerReward['operator']; readonly payment: Amount; readonly kept: Amount } {
  const pool = readPool(overlay, operator)!;
  // Stake may leave a pool faster than its validator the set: then nobody is there to share with.
  const kept = pool.shares === 0n ? payment : (payment * BigInt(pool.commission)) / BigInt(PPM);
  issueTo(overlay, operator, kept);
  issueToPot(overlay, 'staked', payment - kept);
  if (payment > kept) writePool(overlay, { ...pool, tokens: pool.tokens + payment - kept });
  return { operator, payment, kept };
}

/** Bonds stay; scores and attendance begin anew. */
function beginNext(overlay: Overlay, bonds: readonly RewardBond[]): void {
  for (const expert of listTallied(overlay)) {
    writeTally(overlay, expert, []);
    writePaidAway(overlay, expert, 0n);
  }
  writeTallied(overlay, []);
  writeAttendance(overlay, []);
  for (const expert of listBonded(overlay)) writeBonds(overlay, expert, []);
  const byExpert = Map.groupBy(bonds, ({ expert }) => expert);
  for (const [expert, own] of byExpert) {
    writeBonds(
      overlay,
      expert,
      own.map(({ scorer, bond }) => ({ scorer, bond })),
    );
  }
  writeBonded(overlay, [...byExpert.keys()].sort());
}

/** The table of an epoch as CSV for researchers: the RPC's own names and exact values, one line for each payee. */

import type { EpochTable } from '../../api/rpc-types.ts';
import { plainSyn } from '../../format/exact.ts';
import { csvText } from '../../tables/csv.ts';

export const REWARD_COLUMNS = [
  'epoch',
  'height',
  'role',
  'address',
  'name',
  'collateral_nano',
  'stake',
  'consensus_ppb',
  'incentive_ppb',
  'accuracy',
  'attendance',
  'dividend_ppb',
  'payment_nano',
  'payment_syn',
] as const;

/** `nameOf`: what an expert is called; '' where that is not known. */
export function rewardsCsv(table: EpochTable, nameOf: (address: string) => string): string {
  const { epoch, height } = table;
  const experts = table.experts.map(({ expert, collateral, consensus, incentive, payment }) => [
    epoch,
    height,
    'expert',
    expert,
    nameOf(expert),
    collateral,
    null,
    consensus,
    incentive,
    null,
    null,
    null,
    payment,
    plainSyn(payment),
  ]);
  const scorers = table.scorers.map(({ operator, stake, accuracy, attendance, dividend, payment }) => [
    epoch,
    height,
    'scorer',
    operator,
    nameOf(operator),
    null,
    stake,
    null,
    null,
    accuracy,
    attendance,
    dividend,
    payment,
    plainSyn(payment),
  ]);
  return csvText(REWARD_COLUMNS, [...experts, ...scorers]);
}

export function csvName({ epoch }: Pick<EpochTable, 'epoch'>): string {
  return `synod-rewards-epoch-${epoch}.csv`;
}

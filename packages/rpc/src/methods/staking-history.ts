/** `staking_signingInfo` and `staking_rewards`: how validators signed lately, and what epochs paid an account. */
import { type Address, epochRewards, type RewardRecord } from '@synod/chain';
import { z } from 'zod';
import { AddressParam, AddressText, Count, countParam, Decimal, decimal } from '../json/scalars.ts';
import { ValidatorViewJson } from '../json/staking.ts';
import { defineMethod } from './method.ts';
import { requireValidator } from './staking.ts';

const HEIGHTS_MAX = 1_000;
const HEIGHTS_DEFAULT = 100;

export const stakingSigningInfo = defineMethod({
  name: 'staking_signingInfo',
  summary: 'Who signed and who missed which of the last heights, as later blocks recorded it: of one validator or all.',
  access: 'read',
  params: z.strictObject({
    address: AddressParam.optional(),
    heights: countParam({ min: 1, max: HEIGHTS_MAX }, 'Heights to look back, at most 1000; default 100.').optional(),
  }),
  result: z.strictObject({
    /** The heights told, the first and the last letter; `to` below `from` where there is none yet. */
    from: Decimal,
    to: Decimal,
    /** More than `missedMax` missed heights among the last `window` jail a validator. */
    window: Decimal,
    missedMax: Decimal,
    items: z.array(
      z.strictObject({
        operator: AddressText,
        standing: ValidatorViewJson.shape.standing,
        /** Missed among the last `window` heights. */
        missed: Count,
        lastSignedHeight: Decimal,
        /** One letter a height: `s` signed, `m` missed, `-` not in the set. */
        heights: z.string().regex(/^[sm-]*$/),
      }),
    ),
  }),
  handle: async ({ api }, { address, heights }) => {
    const views = address === undefined ? api.validators() : [requireValidator(api, address)];
    const { downtimeWindow, downtimeMissedMax } = api.params().staking;
    const { from, to, rows } = await api.history.signatures(heights ?? HEIGHTS_DEFAULT);
    return {
      from: decimal(Math.max(from, 0)),
      to: decimal(Math.max(to, 0)),
      window: decimal(downtimeWindow),
      missedMax: decimal(downtimeMissedMax),
      items: views.map(({ operator, standing, missed, lastSignedHeight }) => ({
        operator,
        standing: standing.name,
        missed,
        lastSignedHeight: decimal(lastSignedHeight),
        heights: rows.get(operator) ?? '-'.repeat(Math.max(0, to - from + 1)),
      })),
    };
  },
});

const EpochPayJson = z.strictObject({
  epoch: Count,
  height: Decimal,
  /** As a scorer, its delegators' part included; nano. */
  asScorer: Decimal,
  /** As an expert of its own key. */
  asExpert: Decimal,
  /** To experts whose operator it is. */
  experts: z.array(z.strictObject({ expert: AddressText, payment: Decimal })),
});

export const stakingRewards = defineMethod({
  name: 'staking_rewards',
  summary: 'What the epochs that are kept paid an account, the last first; reward_explain says why.',
  access: 'read',
  params: z.strictObject({ address: AddressParam }),
  result: z.strictObject({ address: AddressText, total: Decimal, items: z.array(EpochPayJson) }),
  handle: ({ api }, { address }) => {
    const pays = api.rewardRecords().map((record) => payOf(record, address));
    return {
      address,
      total: decimal(pays.reduce((sum, { total }) => sum + total, 0n)),
      items: pays.map(({ json }) => json).toReversed(),
    };
  },
});

/** What one epoch paid the account and experts that it operates. */
function payOf(
  { epoch, height, input }: RewardRecord,
  address: Address,
): { readonly total: bigint; readonly json: z.output<typeof EpochPayJson> } {
  const { experts, scorers } = epochRewards(input);
  const operators = new Map(input.experts.map(({ expert, operator }) => [expert, operator]));
  const asScorer = scorers.find(({ operator }) => operator === address)?.payment ?? 0n;
  const asExpert = experts.find(({ expert }) => expert === address)?.payment ?? 0n;
  const others = experts.filter(({ expert }) => expert !== address && operators.get(expert) === address);
  return {
    total: others.reduce((sum, { payment }) => sum + payment, asScorer + asExpert),
    json: {
      epoch,
      height: decimal(height),
      asScorer: decimal(asScorer),
      asExpert: decimal(asExpert),
      experts: others.map(({ expert, payment }) => ({ expert, payment: decimal(payment) })),
    },
  };
}

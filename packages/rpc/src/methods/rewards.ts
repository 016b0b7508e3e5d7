/** `reward_*`: what epochs issued, to whom, and why (spec: rewards). */
import { epochRewards, explainReward, type RewardRecord, SynodError } from '@synod/chain';
import { z } from 'zod';
import {
  EpochJson,
  EpochTableJson,
  epochJson,
  epochTableJson,
  RewardExplanationJson,
  rewardExplanationJson,
} from '../json/rewards.ts';
import { AddressParam, countParam } from '../json/scalars.ts';
import type { NodeApi } from '../node-api.ts';
import { defineMethod } from './method.ts';

const EPOCH_MAX = 4_294_967_295;

const EpochParam = countParam({ min: 1, max: EPOCH_MAX }, 'Number of an epoch; the last one that ended unless given.');

export const rewardEpochs = defineMethod({
  name: 'reward_epochs',
  summary: 'Epochs whose rewards can be explained, the last one first.',
  access: 'read',
  params: z.strictObject({}),
  result: z.strictObject({ items: z.array(EpochJson) }),
  handle: ({ api }) => ({
    items: api.rewardRecords().toReversed().map(epochJson),
  }),
});

export const rewardEpoch = defineMethod({
  name: 'reward_epoch',
  summary: 'What an epoch paid: experts by incentive and scorers by dividend, the greatest first.',
  access: 'read',
  params: z.strictObject({ epoch: EpochParam.optional() }),
  result: EpochTableJson,
  handle: ({ api }, { epoch }) => {
    const record = requireRecord(api, epoch);
    return epochTableJson(record, epochRewards(record.input));
  },
});

export const rewardExplain = defineMethod({
  name: 'reward_explain',
  summary: 'Why an account was paid what it was paid at the end of an epoch: every formula with its numbers.',
  access: 'read',
  params: z.strictObject({ address: AddressParam, epoch: EpochParam.optional() }),
  result: RewardExplanationJson,
  handle: ({ api }, { address, epoch }) => rewardExplanationJson(explainReward(requireRecord(api, epoch), address)),
});

/** The named epoch, or the last one. Throws `UNKNOWN`. */
function requireRecord(api: NodeApi, named: number | undefined): RewardRecord {
  const kept = api.rewardRecords();
  const record = named === undefined ? kept.at(-1) : kept.find(({ epoch }) => epoch === named);
  if (record !== undefined) return record;
  const [first, last] = [kept[0]?.epoch, kept.at(-1)?.epoch];
  const range = first === undefined ? 'No epoch has ended yet' : `Epochs ${first} to ${last} are kept`;
  throw new SynodError('UNKNOWN', `${named === undefined ? '' : `Epoch ${named} is not kept. `}${range}.`, {
    facts: { ...(named === undefined ? {} : { epoch: named }) },
  });
}

/** Codecs of stake records (spec: codec §8). Owns field order; where records lie is state/keys. */
import type {
  Delegation,
  Height,
  MissedHeights,
  RedelegationEntry,
  StakePool,
  StakingParams,
  UnbondingEntry,
  Validator,
  VotingParams,
} from '../types/index.ts';
import { container, list } from './composites.ts';
import { codecLimits } from './limits.ts';
import { address, amount, power, ppm, publicKey, safeInteger, u32 } from './primitives.ts';
import { createCodec, oneOf, type Schema } from './schema.ts';

/** Fields of {@link StakingParams}. */
export const stakingParamsSchema: Schema<StakingParams> = container<StakingParams>({
  epochHeights: u32,
  evidenceAgeHeights: u32,
  evidenceAgeMs: u32,
  trustingPeriodMs: u32,
  unbondingHeights: u32,
  selfBondMin: amount,
  delegationMin: amount,
  commissionStepMax: ppm,
  doubleSignSlash: ppm,
  downtimeSlash: ppm,
  revealMismatchSlash: ppm,
  downtimeWindow: u32,
  downtimeMissedMax: u32,
  jailHeights: u32,
});

/** Fields of {@link VotingParams}. */
export const votingParamsSchema: Schema<VotingParams> = container<VotingParams>({
  depositMin: amount,
  votingHeights: u32,
  quorum: ppm,
});

/** A validator set, in its order. */
export const validatorsSchema: Schema<readonly Validator[]> = list(
  container<Validator>({ operator: address, publicKey, vrfKey: publicKey, power }),
  codecLimits.validators,
);

/** Canonical form of a pool. */
export const { encode: encodeStakePool, decode: decodeStakePool } = createCodec(
  'stake pool',
  container<StakePool>({
    operator: address,
    publicKey,
    vrfKey: publicKey,
    keysSetAt: safeInteger,
    commission: ppm,
    commissionSetAt: safeInteger,
    status: oneOf(['active', 'jailed', 'exited', 'tombstoned']),
    jailedAt: safeInteger,
    tokens: amount,
    shares: amount,
  }),
  codecLimits.recordBytes,
);

/** Canonical form of a delegation. */
export const { encode: encodeDelegation, decode: decodeDelegation } = createCodec(
  'delegation',
  container<Delegation>({ shares: amount }),
  codecLimits.recordBytes,
);

/** Canonical form of a pool's unbonding entries. */
export const { encode: encodeUnbonding, decode: decodeUnbonding } = createCodec(
  'unbonding list',
  list(
    container<UnbondingEntry>({ delegator: address, maturesAt: safeInteger, amount }),
    codecLimits.stakeEntries,
  ) as Schema<readonly UnbondingEntry[]>,
  codecLimits.listBytes,
);

/** Canonical form of the redelegations out of a pool. */
export const { encode: encodeRedelegations, decode: decodeRedelegations } = createCodec(
  'redelegation list',
  list(
    container<RedelegationEntry>({ delegator: address, to: address, maturesAt: safeInteger, amount }),
    codecLimits.stakeEntries,
  ) as Schema<readonly RedelegationEntry[]>,
  codecLimits.listBytes,
);

/** Canonical form of a validator's missed heights. */
export const { encode: encodeMissed, decode: decodeMissed } = createCodec(
  'missed heights',
  list(container<MissedHeights>({ first: safeInteger, last: safeInteger }), codecLimits.missedStretches) as Schema<
    readonly MissedHeights[]
  >,
  codecLimits.listBytes,
);

/** Canonical form of a list of heights. */
export const { encode: encodeHeightList, decode: decodeHeightList } = createCodec(
  'height list',
  list(safeInteger, codecLimits.setHeights) as Schema<readonly Height[]>,
  codecLimits.listBytes,
);

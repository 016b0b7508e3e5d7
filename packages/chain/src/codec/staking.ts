/** Codecs of stake records (spec: codec §8). Owns field order; where records lie is state/keys. */
import type {
  Delegation,
  Height,
  Maturing,
  MissedHeights,
  RedelegationEntry,
  StakePool,
  StakingParams,
  UnbondingEntry,
  UnbondingPool,
  Validator,
  VotingParams,
} from '../types/index.ts';
import { container, list } from './composites.ts';
import { codecLimits } from './limits.ts';
import { address, amount, power, ppm, publicKey, safeInteger, u32 } from './primitives.ts';
import { byteList, createCodec, mapped, oneOf, type Schema } from './schema.ts';

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

/** Shares of a pool that slashing may have shrunk over and over: 0 … 2¹²⁸ − 1 in sixteen bytes, little-endian. */
const wideShares: Schema<bigint> = mapped(
  container<{ readonly low: bigint; readonly high: bigint }>({ low: amount, high: amount }),
  (value: bigint) => ({ low: BigInt.asUintN(64, value), high: value >> 64n }),
  ({ low, high }) => low + (high << 64n),
);

/** Canonical form of what is on its way out of a pool. */
export const { encode: encodeUnbondingPool, decode: decodeUnbondingPool } = createCodec(
  'unbonding pool',
  container<UnbondingPool>({ tokens: amount, shares: wideShares, series: u32 }),
  codecLimits.recordBytes,
);

/** Canonical form of one delegator's unbonding entries in a pool. */
export const { encode: encodeUnbonding, decode: decodeUnbonding } = createCodec(
  'unbonding list',
  list(
    container<UnbondingEntry>({ maturesAt: safeInteger, shares: wideShares, series: u32 }),
    codecLimits.stakeEntries,
  ) as Schema<readonly UnbondingEntry[]>,
  codecLimits.listBytes,
);

/** Canonical form of one delegator's redelegations into a pool. */
export const { encode: encodeRedelegations, decode: decodeRedelegations } = createCodec(
  'redelegation list',
  list(
    container<RedelegationEntry>({ from: address, maturesAt: safeInteger, amount }),
    codecLimits.stakeEntries,
  ) as Schema<readonly RedelegationEntry[]>,
  codecLimits.listBytes,
);

/** Canonical form of what ends at a height. */
export const { encode: encodeMaturing, decode: decodeMaturing } = createCodec(
  'maturing list',
  list(container<Maturing>({ operator: address, delegator: address }), codecLimits.maturing) as Schema<
    readonly Maturing[]
  >,
  codecLimits.listBytes,
);

/** Canonical form of the part that redelegated stake of a barred validator owes. */
export const { encode: encodePart, decode: decodePart } = createCodec('part', ppm, codecLimits.recordBytes);

/** Canonical form of a validator's missed heights. */
export const { encode: encodeMissed, decode: decodeMissed } = createCodec(
  'missed heights',
  container<MissedHeights>({ last: safeInteger, bits: byteList(codecLimits.missedBytes) }),
  codecLimits.listBytes,
);

/** Canonical form of a list of heights. */
export const { encode: encodeHeightList, decode: decodeHeightList } = createCodec(
  'height list',
  list(safeInteger, codecLimits.setHeights) as Schema<readonly Height[]>,
  codecLimits.listBytes,
);

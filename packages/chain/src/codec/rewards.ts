/** Codecs of the epoch rewards' records (spec: codec §8). Owns field order; where records lie is state/keys. */
import type { RewardExpert, RewardInput, RewardRecord, RewardScorer, RewardSettings } from '../rewards/types.ts';
import type { Accuracy, Address, Amount, Attendance, BetaPair, BondEntry, TallyEntry } from '../types/index.ts';
import { container, list, nullable } from './composites.ts';
import { codecLimits } from './limits.ts';
import { address, amount, power, ppm, safeInteger, u16, u32 } from './primitives.ts';
import { createCodec, mapped, oneOf, requireThat, type Schema } from './schema.ts';

const betaPair: Schema<BetaPair> = container<BetaPair>({ alpha: safeInteger, beta: safeInteger });

/** Canonical form of a validator's accuracy on gold. */
export const { encode: encodeAccuracy, decode: decodeAccuracy } = createCodec(
  'accuracy',
  container<Accuracy>({ right: betaPair, wrong: betaPair, answers: safeInteger }),
  codecLimits.recordBytes,
);

/** Canonical form of the scores of one expert's answers. */
export const { encode: encodeTally, decode: decodeTally } = createCodec(
  'tally',
  list(container<TallyEntry>({ scorer: address, sum: safeInteger, count: u32 }), codecLimits.validators),
  codecLimits.listBytes,
);

/** Canonical form of who is bonded to one expert. */
export const { encode: encodeBonds, decode: decodeBonds } = createCodec(
  'bonds',
  list(container<BondEntry>({ scorer: address, bond: u32 }), codecLimits.validators),
  codecLimits.listBytes,
);

/** Canonical form of who scored when it was due. */
export const { encode: encodeAttendance, decode: decodeAttendance } = createCodec(
  'attendance',
  list(container<Attendance>({ scorer: address, due: u32, revealed: u32 }), codecLimits.validators),
  codecLimits.listBytes,
);

/** The settings, with a moving average that is always liquid on a chain. */
type StoredSettings = Omit<RewardSettings, 'alpha'> & {
  readonly alphaLow: number;
  readonly alphaHigh: number;
  readonly steepnessHundredths: number;
};

/** Pairs name scorers and experts by their places in the lists: a quarter of the bytes of addresses. */
type StoredPair = { readonly scorer: number; readonly expert: number };
type StoredTally = StoredPair & { readonly sum: number; readonly count: number };
type StoredBond = StoredPair & { readonly bond: number };

type StoredEpoch = {
  readonly epoch: number;
  readonly height: number;
  readonly emission: Amount;
  readonly settings: StoredSettings;
  readonly scorers: readonly RewardScorer[];
  readonly experts: readonly RewardExpert[];
  readonly tally: readonly StoredTally[];
  readonly bonds: readonly StoredBond[];
};

const storedEpoch: Schema<StoredEpoch> = container<StoredEpoch>({
  epoch: safeInteger,
  height: safeInteger,
  emission: amount,
  settings: container<StoredSettings>({
    kappa: ppm,
    bondsPenalty: u32,
    columnShare: oneOf(['stakedBonds', 'bonds']),
    priorAnswers: u32,
    expertsShare: ppm,
    alphaLow: ppm,
    alphaHigh: ppm,
    steepnessHundredths: u32,
  }),
  scorers: list(
    container<RewardScorer>({ operator: address, stake: power, accuracy: ppm, attendance: ppm }),
    codecLimits.validators,
  ),
  experts: list(
    container<RewardExpert>({ expert: address, operator: address, collateral: amount, cap: nullable(amount) }),
    codecLimits.validators,
  ),
  tally: list(
    container<StoredTally>({ scorer: u16, expert: u16, sum: safeInteger, count: u32 }),
    codecLimits.rewardPairs,
  ),
  bonds: list(container<StoredBond>({ scorer: u16, expert: u16, bond: u32 }), codecLimits.rewardPairs),
});

/** Canonical form of an epoch's input as it is kept; its lists name only members of `scorers` and `experts`. */
export const { encode: encodeRewardRecord, decode: decodeRewardRecord } = createCodec(
  'epoch',
  mapped(storedEpoch, toStored, fromStored),
  codecLimits.listBytes,
);

function toStored({ epoch, height, input }: RewardRecord): StoredEpoch {
  const { scorers, experts, emission } = input;
  const scorerAt = new Map(scorers.map(({ operator }, index) => [operator, index]));
  const expertAt = new Map(experts.map(({ expert }, index) => [expert, index]));
  const places = ({ scorer, expert }: { readonly scorer: Address; readonly expert: Address }): StoredPair => ({
    scorer: scorerAt.get(scorer) ?? -1,
    expert: expertAt.get(expert) ?? -1,
  });
  const { alpha, ...settings } = input.settings;
  requireThat(typeof alpha !== 'number', 'a fixed moving average');
  const { low, high, steepnessHundredths } = alpha as Exclude<typeof alpha, number>;
  return {
    epoch,
    height,
    emission,
    settings: { ...settings, alphaLow: low, alphaHigh: high, steepnessHundredths },
    scorers,
    experts,
    tally: input.tally.map((entry) => ({ ...places(entry), sum: entry.sum, count: entry.count })),
    bonds: input.bonds.map((entry) => ({ ...places(entry), bond: entry.bond })),
  };
}

function fromStored({ epoch, height, settings: stored, ...rest }: StoredEpoch): RewardRecord {
  const { alphaLow: low, alphaHigh: high, steepnessHundredths, ...settings } = stored;
  const names = ({ scorer, expert }: StoredPair) => {
    requireThat(scorer < rest.scorers.length && expert < rest.experts.length, 'a pair outside the lists');
    return { scorer: rest.scorers[scorer]!.operator, expert: rest.experts[expert]!.expert };
  };
  const input: RewardInput = {
    scorers: rest.scorers,
    experts: rest.experts,
    tally: rest.tally.map((entry) => ({ ...names(entry), sum: entry.sum, count: entry.count })),
    bonds: rest.bonds.map((entry) => ({ ...names(entry), bond: entry.bond })),
    emission: rest.emission,
    settings: { ...settings, alpha: { low, high, steepnessHundredths } },
  };
  return { epoch, height, input };
}

/**
 * Genesis and parameters as JSON. `chain_getGenesis` gives the document as `genesis.json` holds it (bare hashes, numbers for
 * what fits one), so that it can be saved and started from; `chain_getParams` follows the RPC's own rules.
 */
import { type ChainParams, type Genesis, genesisToJson, type LearningParams, type MarketParams } from '@synod/chain';
import { z } from 'zod';
import { Count, Decimal, decimal, HexHash, Ratio, ratio } from './scalars.ts';

export const ParamsJson = z.strictObject({
  blockBytesMax: Count,
  transactionBytesMax: Count,
  extensionBytesMax: Count,
  promptBytesMax: Count,
  answerBytesMax: Count,
  respondentsMax: Count,
  windowMax: Count,
  expertBondMin: Decimal,
  baseFeePerByteMin: Decimal,
  blockBytesTarget: Count,
  thresholdMax: Ratio,
  basePartMin: Ratio,
  reputationForgetting: Ratio,
  absenceHeights: Count,
  timeouts: z.strictObject({
    proposeMs: Count,
    proposeDeltaMs: Count,
    prevoteMs: Count,
    prevoteDeltaMs: Count,
    precommitMs: Count,
    precommitDeltaMs: Count,
    blockIntervalMs: Count,
  }),
  clockDriftMsMax: Count,
  staking: z.strictObject({
    epochHeights: Count,
    evidenceAgeHeights: Count,
    evidenceAgeMs: Count,
    trustingPeriodMs: Count,
    unbondingHeights: Count,
    selfBondMin: Decimal,
    delegationMin: Decimal,
    commissionStepMax: Ratio,
    doubleSignSlash: Ratio,
    downtimeSlash: Ratio,
    revealMismatchSlash: Ratio,
    downtimeWindow: Count,
    downtimeMissedMax: Count,
    jailHeights: Count,
  }),
  voting: z.strictObject({ depositMin: Decimal, votingHeights: Count, quorum: Ratio }),
  market: z.strictObject({
    roundsMax: Count,
    sharesMax: Ratio,
    cancelGrace: Count,
    expertReleaseHeights: Count,
    sharpness: Count,
    exploration: Ratio,
    breakerFailures: Count,
    breakerHeights: Count,
    breakerHeightsMax: Count,
    idleHeights: Count,
    idleForgetting: Ratio,
    loadTarget: Ratio,
    scorersMax: Count,
    verificationShare: Ratio,
    verifiers: Count,
    substitutionSlash: Ratio,
    calibrationHeights: Count,
    calibrationsMax: Count,
    epochEmission: Decimal,
    rewardRatio: Count,
    kappa: Ratio,
    bondAlphaLow: Ratio,
    bondAlphaHigh: Ratio,
    bondSteepness: Count,
  }),
  learning: z.strictObject({
    feedbackWindow: Count,
    feedbackDeposit: Decimal,
    feedbackBytesMax: Count,
    attestHeights: Count,
    roundItems: Count,
    accountShare: Ratio,
    trainersMax: Count,
    shardCopies: Count,
    trainWindow: Count,
    deltaWindow: Count,
    gateWindow: Count,
    gateRevealWindow: Count,
    deltaBytesMax: Count,
    aggregator: Count,
    normMax: Count,
    gainMin: Count,
    forgettingMax: Count,
    triggerMax: Ratio,
    injectionMax: Ratio,
    spectralMax: Ratio,
    biasMax: Count,
    biasAlarm: Ratio,
    canaryShare: Ratio,
    canaryAnswers: Count,
    canaryHeights: Count,
    scoreTolerance: Ratio,
    trainerSlash: Ratio,
    lineageHeights: Count,
    lineageEmission: Decimal,
    lineageRatio: Ratio,
  }),
});

export const GenesisJson = z.strictObject({
  genesisHash: HexHash,
  genesis: z
    .looseObject({ formatVersion: z.literal(1), chainId: z.string(), devnet: z.boolean() })
    .describe('The document exactly as genesis.json holds it.'),
});

/** The JSON of the chain's parameters. */
export function paramsJson(params: ChainParams): z.output<typeof ParamsJson> {
  return {
    ...params,
    expertBondMin: decimal(params.expertBondMin),
    baseFeePerByteMin: decimal(params.baseFeePerByteMin),
    thresholdMax: ratio(params.thresholdMax),
    basePartMin: ratio(params.basePartMin),
    reputationForgetting: ratio(params.reputationForgetting),
    timeouts: { ...params.timeouts },
    staking: {
      ...params.staking,
      selfBondMin: decimal(params.staking.selfBondMin),
      delegationMin: decimal(params.staking.delegationMin),
      commissionStepMax: ratio(params.staking.commissionStepMax),
      doubleSignSlash: ratio(params.staking.doubleSignSlash),
      downtimeSlash: ratio(params.staking.downtimeSlash),
      revealMismatchSlash: ratio(params.staking.revealMismatchSlash),
    },
    voting: {
      ...params.voting,
      depositMin: decimal(params.voting.depositMin),
      quorum: ratio(params.voting.quorum),
    },
    market: marketJson(params.market),
    learning: learningJson(params.learning),
  };
}

function marketJson(market: MarketParams): z.output<typeof ParamsJson>['market'] {
  return {
    ...market,
    sharesMax: ratio(market.sharesMax),
    exploration: ratio(market.exploration),
    idleForgetting: ratio(market.idleForgetting),
    loadTarget: ratio(market.loadTarget),
    verificationShare: ratio(market.verificationShare),
    substitutionSlash: ratio(market.substitutionSlash),
    epochEmission: decimal(market.epochEmission),
    kappa: ratio(market.kappa),
    bondAlphaLow: ratio(market.bondAlphaLow),
    bondAlphaHigh: ratio(market.bondAlphaHigh),
  };
}

function learningJson(learning: LearningParams): z.output<typeof ParamsJson>['learning'] {
  return {
    ...learning,
    feedbackDeposit: decimal(learning.feedbackDeposit),
    accountShare: ratio(learning.accountShare),
    triggerMax: ratio(learning.triggerMax),
    injectionMax: ratio(learning.injectionMax),
    spectralMax: ratio(learning.spectralMax),
    biasAlarm: ratio(learning.biasAlarm),
    canaryShare: ratio(learning.canaryShare),
    scoreTolerance: ratio(learning.scoreTolerance),
    trainerSlash: ratio(learning.trainerSlash),
    lineageEmission: decimal(learning.lineageEmission),
    lineageRatio: ratio(learning.lineageRatio),
  };
}

/** The genesis document as the file holds it. */
export function genesisDocument(genesis: Genesis): z.output<typeof GenesisJson>['genesis'] {
  return genesisToJson(genesis) as z.output<typeof GenesisJson>['genesis'];
}

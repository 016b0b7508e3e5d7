/**
 * Where the market's history begins: the cast's genesis with short times, narrow bounds, and experts in domains of their own. Owns who they are and
 * what they ask for; what happens to them is market-history.ts.
 */
import {
  type Address,
  createGenesis,
  defaultChainParams,
  type ExpertProfile,
  type Genesis,
  type Hash,
  type LearningParams,
  type MarketParams,
  merkleProof,
  merkleRoot,
  NANO_PER_SYN,
  passageLeaf,
  type QuoteSegment,
  taggedHash,
  ZERO_HASH,
} from '@synod/chain';
import { castOf, startMs } from './cast.ts';
import { historyChainId } from './history-chain.ts';
import { type KeyPair, keyPair } from './keys.ts';

export const marketModel: Hash = taggedHash('simulator/market-model');
export const leastBond: bigint = 50n * NANO_PER_SYN;
/** What is left of it after a slash of one twentieth is just the least bond. */
export const bondAtEdge = 52_631_578_947n;

const passages = ['the first passage', 'the second one', 'the third'].map((text) => ({ text, source: 'a book' }));
const leaves = passages.map((passage) => passageLeaf(passage));

/** A passage that every expert of the crowd knows, with its proof. */
export function quoteOf(index: number): QuoteSegment {
  return { kind: 'quote', ...passages[index]!, index, proof: merkleProof(leaves, index) };
}

/** By name, with the place of its operator in the cast, or none for one of its own. */
const named = {
  ada: { domain: 'duo', operator: 3, bond: bondAtEdge },
  bob: { domain: 'duo', operator: 4, bond: 60n * NANO_PER_SYN, priceQuotePerByte: 4_001n },
  cleo: { domain: 'shy', operator: 5, bond: 70n * NANO_PER_SYN },
  dan: { domain: 'shy', operator: 6, bond: 51n * NANO_PER_SYN, priceOutPerByte: 100_003n },
  eve: { domain: 'eden', operator: null, bond: leastBond, capacity: 3 },
  finn: { domain: 'eden', operator: null, bond: leastBond },
} as const satisfies Record<string, Own>;

export type Named = keyof typeof named;

type Own = Pick<ExpertProfile, 'domain'> &
  Partial<Pick<ExpertProfile, 'capacity' | 'priceOutPerByte' | 'priceQuotePerByte'>> & {
    readonly operator: number | null;
    readonly bond: bigint;
  };

export function expertOf(name: Named): KeyPair {
  return keyPair(`market ${name}`);
}

export function crowdOf(index: number): KeyPair {
  return keyPair(`crowd ${index}`);
}

/** Accounts that come to the market later, with their balances. */
export const comers = {
  fay: { pair: keyPair('market fay'), balance: 200n * NANO_PER_SYN },
  gil: { pair: keyPair('market gil'), balance: 200n * NANO_PER_SYN },
} as const;

export function profileOf(operator: KeyPair, domain: string, change: Partial<ExpertProfile> = {}): ExpertProfile {
  return {
    name: 'somebody',
    operator: operator.address,
    domain,
    modelId: marketModel,
    modelName: 'recorded',
    knowledgeRoot: ZERO_HASH,
    knowledgeSize: 0,
    priceInPerByte: 1_003n,
    priceOutPerByte: 10_007n,
    priceQuotePerByte: 3_001n,
    capacity: 2,
    ...change,
  };
}

export type MarketTerms = {
  readonly market?: Partial<MarketParams>;
  /** By place in the cast; the last holds for all behind it. */
  readonly powers?: readonly bigint[];
  readonly learning?: Partial<LearningParams>;
  readonly epochHeights?: number;
  readonly crowdSize?: number;
};

export function marketGenesis(
  { validators, accounts, experts }: Genesis,
  { market = {}, learning = {}, powers, crowdSize = 40, epochHeights = 6 }: MarketTerms,
): Genesis {
  const known = { knowledgeRoot: merkleRoot(leaves), knowledgeSize: leaves.length };
  const { members } = castOf(7, true);
  const powerOf = (operator: Address) =>
    powers?.[members.findIndex((member) => member.operator.address === operator)] ?? powers?.at(-1);
  const own = (Object.keys(named) as Named[]).map((name, index) => {
    const { domain, operator, bond, ...change }: Own = named[name];
    const pair = expertOf(name);
    const hands = operator === null ? pair : members[operator]!.operator;
    const profile = profileOf(hands, domain, { name, priceOutPerByte: 10_007n + 500n * BigInt(index), ...change });
    return { address: pair.address, publicKey: pair.publicKey, bond, profile };
  });
  const crowd = Array.from({ length: crowdSize }, (_, index) => {
    const pair = crowdOf(index);
    const profile = profileOf(pair, 'crowd', known);
    return { address: pair.address, publicKey: pair.publicKey, bond: leastBond, profile };
  });
  const holders = [
    keyPair('expert without a node').address,
    ...own.map(({ address }) => address),
    ...crowd.map(({ address }) => address),
  ];
  return createGenesis({
    chainId: historyChainId,
    time: startMs,
    devnet: true,
    validators: validators.map((one) => ({ ...one, power: powerOf(one.operator) ?? one.power })),
    accounts: [
      ...accounts,
      ...holders.map((address) => ({ address, balance: 10n * NANO_PER_SYN })),
      ...Object.values(comers).map(({ pair, balance }) => ({ address: pair.address, balance })),
    ],
    experts: [...experts, ...own, ...crowd],
    params: marketParams(market, learning, epochHeights),
  });
}

function marketParams(market: Partial<MarketParams>, learning: Partial<LearningParams>, epochHeights: number) {
  return defaultChainParams({
    timeouts: { blockIntervalMs: 1_000 },
    clockDriftMsMax: 100,
    absenceHeights: 3,
    blockBytesMax: 524_288,
    transactionBytesMax: 65_536,
    blockBytesTarget: 524_288,
    baseFeePerByteMin: 10n,
    promptBytesMax: 40,
    answerBytesMax: 2_000,
    respondentsMax: 3,
    windowMax: 9,
    expertBondMin: leastBond,
    staking: {
      epochHeights,
      evidenceAgeHeights: 6,
      evidenceAgeMs: 5_000,
      trustingPeriodMs: 3_000,
      unbondingHeights: 400,
    },
    market: {
      roundsMax: 3,
      cancelGrace: 2,
      expertReleaseHeights: 4,
      breakerFailures: 2,
      breakerHeights: 3,
      breakerHeightsMax: 8,
      idleHeights: 5,
      verificationShare: 1_000_000,
      calibrationHeights: 9,
      calibrationsMax: 2,
      ...market,
    },
    learning: { feedbackWindow: 3, attestHeights: 3, ...learning },
  });
}

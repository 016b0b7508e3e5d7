/** Who takes part in a simulated network: validators, their experts, a customer, and the genesis they share. Owns no behaviour. */
import {
  addressOf,
  createGenesis,
  createGenesisState,
  defaultChainParams,
  type Genesis,
  genesisHash,
  type Hash,
  modelIdOf,
  NANO_PER_SYN,
  type Recipe,
  type StateTree,
  taggedHash,
  ZERO_HASH,
} from '@synod/chain';
import type { ChainIdentity } from '@synod/node/host';
import { type KeyPair, keyPair } from './keys.ts';

export const startMs = 1_700_000_000_000;

export const baseModel: Hash = taggedHash('simulator/model');

/** Keys of a validator in the set. */
export type VoterKeys = { readonly consensus: KeyPair; readonly beacon: KeyPair };

export type Member = VoterKeys & {
  readonly operator: KeyPair;
  /** Keys that it gives itself when it rotates. */
  readonly rotated: VoterKeys;
  readonly expert: KeyPair;
  readonly power: bigint;
};

export type Cast = {
  readonly members: readonly Member[];
  readonly customer: KeyPair;
  readonly identity: ChainIdentity;
  readonly state: StateTree;
  readonly totalPower: bigint;
};

const casts = new Map<string, Cast>();

/** The network of `count` validators; `isUneven` spreads their power from 1000 upwards in steps of 100. */
export function castOf(count: number, isUneven: boolean): Cast {
  const name = `${count}/${isUneven}`;
  const known = casts.get(name);
  if (known !== undefined) return known;
  const members = Array.from(
    { length: count },
    (_, index): Member => ({
      operator: keyPair(`operator ${index}`),
      consensus: keyPair(`consensus ${index}`),
      beacon: keyPair(`beacon ${index}`),
      rotated: { consensus: keyPair(`rotated consensus ${index}`), beacon: keyPair(`rotated beacon ${index}`) },
      expert: keyPair(`expert ${index}`),
      power: 1_000n + (isUneven ? 100n * BigInt(index) : 0n),
    }),
  );
  const customer = keyPair('customer');
  const genesis = genesisOf(members, customer);
  const identity = { genesis, chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
  const totalPower = members.reduce((sum, { power }) => sum + power, 0n);
  const cast = { members, customer, identity, state: createGenesisState(genesis), totalPower };
  casts.set(name, cast);
  return cast;
}

/** Of the expert of this number; all on the one model that every simulated worker runs. */
export function recipeOf(index: number): Recipe {
  const profile = { instruction: `style ${index}`, temperature: 0, topP: 1, maxTokens: 64 };
  return { baseModel, adapter: ZERO_HASH, knowledgeRoot: ZERO_HASH, profile };
}

function genesisOf(members: readonly Member[], customer: KeyPair): Genesis {
  // The second validator names a second expert, which nobody runs: it shares a weight, and is silent.
  const standIns = members.slice(1, 2).map(({ operator }) => ({ operator, expert: keyPair('expert without a node') }));
  const experts = [...members, ...standIns].map(({ operator, expert }, index) => ({
    address: addressOf(expert.publicKey),
    publicKey: expert.publicKey,
    bond: 100n * NANO_PER_SYN,
    profile: {
      name: `general-${index}`,
      operator: operator.address,
      domain: 'general',
      modelId: modelIdOf(recipeOf(index)),
      modelName: 'recorded',
      knowledgeRoot: ZERO_HASH,
      knowledgeSize: 0,
      priceInPerByte: 1_000n,
      priceOutPerByte: 10_000n + 2_000n * BigInt(index),
      priceQuotePerByte: 10_000n,
      capacity: 1 + (index % 3),
    },
  }));
  const holders = members.flatMap(({ operator, expert }) => [operator, expert]);
  return createGenesis({
    chainId: 'simulation',
    time: startMs,
    devnet: true,
    // Epochs, votes, breakers, idle spells and times for feedback short enough for several; a small target, so that the base fee
    // moves; half of all answers are run again.
    params: defaultChainParams({
      timeouts: { blockIntervalMs: 250 },
      staking: { epochHeights: 3 },
      voting: { votingHeights: 10 },
      blockBytesTarget: 400,
      market: {
        breakerFailures: 1,
        breakerHeights: 3,
        idleHeights: 2,
        expertReleaseHeights: 4,
        cancelGrace: 2,
        verificationShare: 500_000,
      },
      learning: { feedbackWindow: 2, attestHeights: 2 },
    }),
    validators: members.map(({ operator, consensus, beacon, power }) => ({
      operator: operator.address,
      publicKey: consensus.publicKey,
      vrfKey: beacon.publicKey,
      power,
    })),
    accounts: [
      { address: customer.address, balance: 10_000n * NANO_PER_SYN },
      ...holders.map(({ publicKey }) => ({ address: addressOf(publicKey), balance: 10n * NANO_PER_SYN })),
    ],
    experts,
  });
}

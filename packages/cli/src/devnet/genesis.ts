/**
 * The genesis of a devnet: a pure function of its choices and the model's hash, so that the same seed and flags give the
 * same chain on every machine. Owns the initial balances; the chain package owns what they mean.
 */
import {
  defaultChainParams,
  type Genesis,
  type Hash,
  modelIdOf,
  NANO_PER_SYN,
  publicKeyOf,
  STAKE_PER_POWER,
} from '@synod/chain';
import type { ExpertPlan } from './experts.ts';
import { withParams } from './genesis-params.ts';
import { type DevnetKeys, expertKey, FAUCET } from './keys.ts';
import type { ChainChoice } from './options.ts';

/** 2026-01-01T00:00:00Z: fixed, because the time of the first start must not change the chain's id. */
const GENESIS_TIME_MS = 1_767_225_600_000;
const PROTOCOL_VERSION = 1;
const ACCOUNT_BALANCE = 10_000n * NANO_PER_SYN;
/** More than anybody asks for in a chain's life. */
const FAUCET_BALANCE = 10_000_000n * NANO_PER_SYN;
/** Where blocks are made by hand a round waits for whoever is slow, so that the same commands give the same blocks. */
const PATIENT = { proposeMs: 5_000, prevoteMs: 1_000, precommitMs: 1_000 } as const;
const OPERATOR_BALANCE = 1_000n * NANO_PER_SYN;
const OPERATOR_STAKE = 1_000n * NANO_PER_SYN;
/** Answers that a devnet's worker takes side by side. */
const EXPERT_CAPACITY = 4;
/** Who tries out a devnet does not wait long for a bond. */
const RELEASE_HEIGHTS = 120;
const PPM_PER_PERCENT = 10_000;
const EXPERT_BOND = 100n * NANO_PER_SYN;
/** Pays the fees of answers until they earn. */
const EXPERT_BALANCE = 100n * NANO_PER_SYN;

export function chainIdOf(seed: string): string {
  return `synod-dev-${seed.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')}`;
}

/** The base model as the chain names it, and what each validator's experts are, by its index. */
export type GenesisExperts = {
  /** Of the model's manifest, 64 hex digits. */
  readonly modelHash: string;
  /** Shown to people. */
  readonly modelName: string;
  readonly plans: readonly (readonly ExpertPlan[])[];
  readonly lines: Genesis['lines'];
};

/** Null: a chain without experts. */
export function devnetGenesis(choice: ChainChoice, keys: DevnetKeys, hosted: GenesisExperts | null): Genesis {
  const experts = hosted === null ? [] : genesisExperts(choice.seed, keys, hosted);
  const accounts = [
    ...keys.accounts.map(({ name, address }) => {
      return { address, balance: name === FAUCET ? FAUCET_BALANCE : ACCOUNT_BALANCE };
    }),
    ...keys.validators.map(({ operator }) => ({ address: operator, balance: OPERATOR_BALANCE })),
    ...experts.map(({ address }) => ({ address, balance: EXPERT_BALANCE })),
  ];
  const validators = keys.validators.map(({ operator, consensusSeed, vrfSeed }) => ({
    operator,
    publicKey: publicKeyOf(consensusSeed),
    vrfKey: publicKeyOf(vrfSeed),
    power: OPERATOR_STAKE / STAKE_PER_POWER,
  }));
  return {
    formatVersion: 1,
    protocolVersion: PROTOCOL_VERSION,
    chainId: chainIdOf(choice.seed),
    time: GENESIS_TIME_MS,
    devnet: true,
    params: withParams(
      defaultChainParams({
        timeouts: { blockIntervalMs: choice.blockTimeMs, ...(choice.pace === 'manual' ? PATIENT : {}) },
        market: { expertReleaseHeights: RELEASE_HEIGHTS, verificationShare: choice.verifiedPercent * PPM_PER_PERCENT },
      }),
      choice.params,
    ),
    validators: sorted(validators, ({ operator }) => operator),
    accounts: sorted(accounts, ({ address }) => address),
    experts: sorted(experts, ({ address }) => address),
    lines: sorted(hosted?.lines ?? [], ({ domain }) => domain),
  };
}

/** All on the one model. */
function genesisExperts(
  seed: string,
  keys: DevnetKeys,
  { modelHash, modelName, plans }: GenesisExperts,
): Genesis['experts'] {
  return keys.validators.flatMap(({ operator }, index) =>
    (plans[index] ?? []).map((plan) => {
      const {
        name,
        domain,
        setup,
        adapterHash,
        knowledgeRoot,
        knowledgeSize,
        priceInPerByte,
        priceOutPerByte,
        priceQuotePerByte,
      } = plan;
      const { address, publicKey } = expertKey(seed, index, domain);
      return {
        address,
        publicKey,
        bond: EXPERT_BOND,
        profile: {
          name,
          operator,
          domain,
          modelId: modelIdOf({
            baseModel: modelHash as Hash,
            adapter: adapterHash,
            knowledgeRoot,
            profile: setup.profile,
          }),
          modelName,
          knowledgeRoot,
          knowledgeSize,
          priceInPerByte,
          priceOutPerByte,
          priceQuotePerByte,
          capacity: EXPERT_CAPACITY,
        },
      };
    }),
  );
}

/** By text, which is the order the chain keeps. */
function sorted<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

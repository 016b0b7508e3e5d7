/** Short forms of staking transactions and look-ups for tests. Owns no rule. */
import {
  type Address,
  type ChainParamsOverrides,
  type Payload,
  possessionSignBytes,
  readPool,
  readUnbonding,
  readUnbondingPool,
  type StakePool,
  sign,
  stakeOf,
  type Transaction,
  unbondingWorth,
  vrfProve,
} from '../../src/index.ts';
import { CHAIN_ID, type Keys, keysOf, SYN, TestChain, type TestValidator } from '../test-chain.ts';

/** Short times, so that a test sees every end. */
export const STAKING = {
  epochHeights: 4,
  evidenceAgeHeights: 6,
  evidenceAgeMs: 10_000,
  trustingPeriodMs: 1_000,
  unbondingHeights: 80,
  downtimeWindow: 10,
  downtimeMissedMax: 3,
  downtimeSlash: 10_000,
  jailHeights: 5,
} as const;

/** Parameters with them; the drift must be small beside an evidence age of six blocks. */
export const PARAMS = { clockDriftMsMax: 100, staking: STAKING } as const;

export function stakingChain(powers?: readonly bigint[], params: ChainParamsOverrides = {}): TestChain {
  const all = { ...PARAMS, ...params, staking: { ...STAKING, ...params.staking } };
  return new TestChain({ newcomers: true, params: all, ...(powers === undefined ? {} : { powers }) });
}

export function create(chain: TestChain, who: TestValidator, changes: Record<string, unknown> = {}): Transaction {
  const keys = { publicKey: who.consensus.publicKey, vrfKey: who.vrf.publicKey };
  const message = possessionSignBytes(CHAIN_ID, { operator: who.address, ...keys });
  const payload = {
    type: 'validator.create',
    ...keys,
    commission: 50_000,
    bond: 10n * SYN,
    keyProof: sign(who.consensus.secret, message),
    vrfProof: vrfProve(who.vrf.secret, message),
    ...changes,
  } as Payload;
  return chain.transaction(who, payload);
}

/** Keys that the validator may rotate to; the chain can sign with them. */
export function newKeys(chain: TestChain, name: string): Pick<TestValidator, 'consensus' | 'vrf'> {
  const keys = { consensus: keysOf(`rotated consensus ${name}`), vrf: keysOf(`rotated vrf ${name}`) };
  chain.learn(keys.consensus, keys.vrf);
  return keys;
}

export function rotate(
  chain: TestChain,
  who: Keys,
  { consensus, vrf }: Pick<TestValidator, 'consensus' | 'vrf'>,
  changes: Record<string, unknown> = {},
): Transaction {
  const keys = { publicKey: consensus.publicKey, vrfKey: vrf.publicKey };
  const message = possessionSignBytes(CHAIN_ID, { operator: who.address, ...keys });
  const proofs = { keyProof: sign(consensus.secret, message), vrfProof: vrfProve(vrf.secret, message) };
  return chain.transaction(who, { type: 'validator.rotate', ...keys, ...proofs, ...changes } as Payload);
}

export const delegate = (chain: TestChain, who: Keys, validator: Address, amount: bigint): Transaction =>
  chain.transaction(who, { type: 'delegate', validator, amount });

export const undelegate = (chain: TestChain, who: Keys, validator: Address, amount: bigint): Transaction =>
  chain.transaction(who, { type: 'undelegate', validator, amount });

export const redelegate = (chain: TestChain, who: Keys, from: Address, to: Address, amount: bigint): Transaction =>
  chain.transaction(who, { type: 'redelegate', from, to, amount });

export function pool(chain: TestChain, operator: Address): StakePool {
  return readPool(chain.state, operator)!;
}

export const stake = (chain: TestChain, operator: Address, who: Keys): bigint =>
  stakeOf(chain.state, operator, who.address);

/** What the delegator's entries on their way out of the pool are worth. */
export function leaving(chain: TestChain, operator: Address, who: Pick<Keys, 'address'>): bigint[] {
  const sum = readUnbondingPool(chain.state, operator);
  return readUnbonding(chain.state, operator, who.address).map((entry) => unbondingWorth(sum, entry));
}

/** Applies empty blocks up to and including the height. */
export function runTo(chain: TestChain, height: number, absent: readonly number[] = []): void {
  while (chain.height < height) chain.next({ absent });
}

/** Power by operator of a height's set. */
export function powersAt(chain: TestChain, height: number): Map<Address, bigint> {
  return new Map(chain.setOf(height).map(({ operator, power }) => [operator, power]));
}

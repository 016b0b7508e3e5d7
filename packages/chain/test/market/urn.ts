/**
 * A domain's experts in a bare state, for tests of selection: no blocks, no money. Owns the records and fixed beacons; every rule is the
 * package's own.
 */
import {
  type Address,
  type ChainParams,
  type ChainParamsOverrides,
  defaultChainParams,
  type Expert,
  type ExpertProfile,
  encodeAddressList,
  encodeChainParams,
  encodeExpert,
  encodeReputation,
  encodeU64,
  explainSelection,
  type Hash,
  listCandidates,
  Overlay,
  type QueryContract,
  type QueryState,
  type Reputation,
  type Respondent,
  readExpert,
  readReputation,
  type SelectionExplanation,
  sha256,
  stateKeys,
  toHex,
  transactionId,
  updateReputation,
} from '../../src/index.ts';
import { keysOf, profileOf, SYN, TestChain, user } from '../test-chain.ts';

const CHAIN = new TestChain();
/** A query that waits for selection, and a slot of one that was selected for. */
export const OPENED: QueryState = waiting();
export const SLOT: Respondent = CHAIN.query(CHAIN.open()).respondents[0]!;

function waiting(): QueryState {
  const transaction = CHAIN.transaction(user, { type: 'query.open', contract: CHAIN.contract() });
  CHAIN.next({ transactions: [transaction] });
  return CHAIN.query(transactionId(transaction.body));
}

export type UrnExpert = {
  readonly name: string;
  readonly operator?: string;
  readonly profile?: Partial<ExpertProfile>;
  readonly record?: Partial<Omit<Expert, 'profile'>>;
  readonly reputation?: Partial<Reputation>;
};

export function addressOfExpert(name: string): Address {
  return keysOf(`urn expert ${name}`).address;
}

export function beaconNumber(index: number): Hash {
  return toHex(sha256(new TextEncoder().encode(`urn beacon ${index}`))) as Hash;
}

export class Urn {
  readonly state = new Overlay({ get: () => undefined });
  readonly params: ChainParams;
  readonly #names = new Map<Address, string>();
  height = 0;

  constructor(experts: readonly UrnExpert[], params: ChainParamsOverrides = {}) {
    this.params = defaultChainParams(params);
    this.state.put(stateKeys.params, this.params, encodeChainParams);
    this.at(0);
    for (const expert of experts) this.add(expert);
  }

  /** Makes this the head's height. */
  at(height: number): this {
    this.height = height;
    this.state.put(stateKeys.head, BigInt(height), encodeU64);
    return this;
  }

  add({ name, operator, profile, record, reputation }: UrnExpert): void {
    const address = addressOfExpert(name);
    const expert: Expert = {
      address,
      publicKey: keysOf(`urn expert ${name}`).publicKey,
      profile: profileOf(keysOf(`urn operator ${operator ?? name}`).address, profile),
      bond: 10n * SYN,
      registeredAt: 0,
      status: 'active',
      releaseAt: 0,
      breaker: { failures: 0, openUntil: 0 },
      active: 0,
      ...record,
    };
    this.#names.set(address, name);
    const listed = [...this.#names.keys()].sort();
    this.state.put(stateKeys.expert(address), expert, encodeExpert);
    this.state.put(stateKeys.experts('general'), listed, encodeAddressList);
    if (reputation !== undefined) this.know(name, reputation);
  }

  know(name: string, reputation: Partial<Reputation>): void {
    const whole = { alpha: 1_000_000, beta: 1_000_000, answers: 1, updatedAt: this.height, ...reputation };
    this.state.put(stateKeys.reputation(addressOfExpert(name), 'general'), whole, encodeReputation);
  }

  /** One scored answer at the present height. */
  observe(name: string, score: number): void {
    this.know(name, updateReputation(this.reputation(name), score, this.height, this.params));
  }

  reputation(name: string): Reputation {
    return readReputation(this.state, addressOfExpert(name), 'general');
  }

  expert(name: string): Expert {
    return readExpert(this.state, addressOfExpert(name))!;
  }

  query(contract: Partial<QueryContract> = {}): QueryState {
    return { ...OPENED, contract: CHAIN.contract(contract), openedAt: this.height, deadline: this.height + 1 };
  }

  explain(beacon: number, contract: Partial<QueryContract> = {}): SelectionExplanation {
    return explainSelection(this.state, this.query(contract), beaconNumber(beacon));
  }

  /** Names of those drawn. */
  draw(beacon: number, contract: Partial<QueryContract> = {}): string[] {
    return this.explain(beacon, contract).draws.map(({ chosen }) => this.#names.get(chosen)!);
  }

  /** Every candidate's part of the sum of the weights. */
  shares(contract: Partial<QueryContract> = {}): Map<string, number> {
    const { candidates } = listCandidates(this.state, this.query(contract));
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0n);
    return new Map(
      candidates.map(({ expert, weight }) => [this.#names.get(expert.address)!, Number(weight) / Number(total)]),
    );
  }
}

/**
 * A chain in memory whose blocks go through the production state transition: real transactions, vote extensions, selection, settlement and
 * reputation; signatures and VRF proofs are taken as given and no state root is computed. Owns the making of blocks and the parties' names.
 */
import {
  type Address,
  addressOf,
  type ChainParamsOverrides,
  consentSignBytes,
  createGenesis,
  createGenesisState,
  type ExpertProfile,
  type ExtendedCommit,
  encodeVoteExtension,
  finishExecution,
  type Genesis,
  type Hash,
  type Header,
  type Payload,
  PROTOCOL_VERSION,
  type PublicKey,
  proposerAt,
  publicKeyOf,
  type QueryState,
  type Receipt,
  readParams,
  readQuery,
  readValidatorRecord,
  readValidatorsAt,
  type ScoreItem,
  sha256,
  sign,
  type Transaction,
  transactionId,
  ZERO_HASH,
} from '@synod/chain';
import { beginBlock, runTransaction } from '../../packages/chain/src/state/block-run.ts';
import { MapState } from './map-state.ts';

export const SYN = 1_000_000_000n;
const CHAIN_ID = 'market-bench';
const BALANCE = 1_000_000n * SYN;
const BOND = 10n * SYN;
const START_MS = 1_000_000;
const REQUESTER = 'requester';
const NO_PROOF: Uint8Array = new Uint8Array(80);
const BLOCK_INTERVAL_MS = 500;
const encoder = new TextEncoder();

/** Accounts that may register later. */
export const NEWCOMERS = ['newcomer'];

export type Party = {
  readonly name: string;
  readonly secret: Uint8Array;
  readonly publicKey: PublicKey;
  readonly address: Address;
};

export type ExpertPlan = {
  readonly name: string;
  /** The expert's own name unless given: operators are what masks go by. */
  readonly operator?: string;
  readonly domain: string;
  readonly priceInPerByte?: bigint;
  readonly priceOutPerByte?: bigint;
  readonly priceQuotePerByte?: bigint;
  readonly capacity?: number;
  /** Root and size of the passages it may quote; none unless given. */
  readonly knowledge?: { readonly root: Hash; readonly size: number };
};

export type ChainPlan = {
  /** Gives each run its own beacons. */
  readonly seed: string;
  readonly scorers: readonly { readonly name: string; readonly power: bigint }[];
  readonly experts: readonly ExpertPlan[];
  /** Further accounts, with their balances in nano. */
  readonly accounts?: ReadonlyMap<string, bigint>;
  readonly params?: ChainParamsOverrides;
};

/** What a block carries. Score items by scorer's name; `absent` scorers do not sign. */
export type NextBlock = {
  readonly transactions?: readonly Transaction[];
  readonly items?: ReadonlyMap<string, readonly ScoreItem[]>;
  readonly absent?: ReadonlySet<string>;
};

export type BlockOutcome = {
  /** Of the transactions that may stand in the block, in order. */
  readonly codes: readonly string[];
  /** Of those that may not. */
  readonly refused: readonly string[];
  readonly receipts: readonly Receipt[];
};

export class MarketChain {
  readonly requester: Party = partyOf(REQUESTER);
  /** Queries that were sent, the latest last; not every one was opened. */
  readonly asked: Hash[] = [];
  height: number;
  readonly #state: MapState;
  readonly #seed: string;
  #salts = 0;

  constructor(at: { readonly state: MapState; readonly seed: string; readonly height: number }) {
    this.#state = at.state;
    this.#seed = at.seed;
    this.height = at.height;
  }

  static start(plan: ChainPlan): MarketChain {
    const state = MapState.of(createGenesisState(genesisOf(plan)));
    return new MarketChain({ state, seed: plan.seed, height: 0 });
  }

  /** The same chain from here on, under other beacons; what happens to one does not touch the other. */
  fork(seed: string): MarketChain {
    return new MarketChain({ state: this.#state.copy(), seed, height: this.height });
  }

  get state(): MapState {
    return this.#state;
  }

  query(id: Hash): QueryState {
    const query = readQuery(this.#state, id);
    if (query === null) throw new Error(`query ${id} is not in state`);
    return query;
  }

  transaction(sender: Party, payload: Payload): { readonly transaction: Transaction; readonly id: Hash } {
    this.#salts += 1;
    const body = {
      chainId: CHAIN_ID,
      sender: sender.publicKey,
      salt: sha256(encoder.encode(`${this.#seed} ${this.#salts}`)).subarray(0, 16),
      validUntil: this.height + 100,
      maxBaseFeePerByte: 1_000_000n,
      tip: 0n,
      payload,
    };
    const id = transactionId(body);
    if (payload.type === 'query.open') this.asked.push(id);
    return { transaction: { body, signature: new Uint8Array(64) }, id };
  }

  /** The transaction by which a newcomer, who has money from the start, registers. */
  register(plan: ExpertPlan, bond: bigint = BOND): Transaction {
    const party = partyOf(plan.name);
    const operator = partyOf(operatorOf(plan));
    const content = consentSignBytes(CHAIN_ID, { operator: operator.address, expert: party.address });
    const consent = { publicKey: operator.publicKey, signature: sign(operator.secret, content) };
    const payload = { type: 'expert.register', expert: profileOf(plan), bond, consent } as const;
    return this.transaction(party, payload).transaction;
  }

  /** Makes and applies the next block of what may stand in it. Throws when the block itself is refused. */
  next(content: NextBlock = {}): BlockOutcome {
    const height = this.height + 1;
    const proposer = proposerAt(readValidatorRecord(this.#state), readParams(this.#state), height, 0);
    const lastCommit = height === 1 ? null : this.#commit(content);
    const input = { height, proposer, beaconProof: NO_PROOF, lastCommit, evidence: [], verifyBeacon: this.#beacon };
    const begun = beginBlock(this.#state, input);
    if (!begun.ok) throw new Error(`block ${height} was refused: ${begun.code} ${JSON.stringify(begun.facts)}`);
    const verdicts = (content.transactions ?? []).map((one) => runTransaction(begun.run, one, () => true));
    const { writes, results } = finishExecution(begun.run, headerOf(height, proposer));
    this.#state.apply(writes);
    this.height = height;
    return {
      codes: results.transactions.map(({ code }) => code),
      refused: verdicts.flatMap((verdict) => (verdict.ok ? [] : [verdict.code])),
      receipts: results.receipts,
    };
  }

  /** Stands in for the VRF: as unforeseeable for this purpose, and a thousand times cheaper. */
  readonly #beacon = (_key: PublicKey, alpha: Uint8Array): Uint8Array => {
    const first = sha256(Buffer.concat([encoder.encode(this.#seed), alpha]));
    return Buffer.concat([first, sha256(first)]);
  };

  #commit({ items, absent }: NextBlock): ExtendedCommit {
    const set = readValidatorsAt(this.#state, this.height) ?? [];
    const precommits = set.flatMap(({ operator }, validator) => {
      const name = nameOf(operator);
      if (absent?.has(name) === true) return [];
      const extension = encodeVoteExtension({ items: items?.get(name) ?? [] });
      return [{ validator, signature: new Uint8Array(64), extension, extensionSignature: new Uint8Array(64) }];
    });
    return { height: this.height, round: 0, blockId: ZERO_HASH, precommits };
  }
}

export function partyOf(name: string): Party {
  const known = parties.get(name);
  if (known !== undefined) return known;
  const secret = sha256(encoder.encode(`market party ${name}`));
  const publicKey = publicKeyOf(secret);
  const party = { name, secret, publicKey, address: addressOf(publicKey) };
  parties.set(name, party);
  names.set(party.address, name);
  return party;
}

/** Name of a party that was asked for before. */
export const nameOf = (address: Address): string => names.get(address) ?? address;

const parties = new Map<string, Party>();
const names = new Map<Address, string>();

const operatorOf = ({ name, operator }: ExpertPlan): string => operator ?? `${name} operator`;

function genesisOf({ scorers, experts, accounts, params }: ChainPlan): Genesis {
  const rich = [REQUESTER, ...experts.map(({ name }) => name), ...NEWCOMERS];
  const balances = new Map([...rich.map((name) => [name, BALANCE] as const), ...(accounts ?? [])]);
  return createGenesis({
    chainId: CHAIN_ID,
    time: START_MS,
    ...(params === undefined ? {} : { params }),
    validators: scorers.map(({ name, power }) => validatorOf(name, power)),
    accounts: [...balances].map(([name, balance]) => ({ address: partyOf(name).address, balance })),
    experts: experts.map((plan) => {
      const { address, publicKey } = partyOf(plan.name);
      return { address, publicKey, bond: BOND, profile: profileOf(plan) };
    }),
  });
}

export function profileOf(plan: ExpertPlan): ExpertProfile {
  return {
    name: plan.name.replaceAll(' ', '-'),
    operator: partyOf(operatorOf(plan)).address,
    domain: plan.domain,
    modelId: MODEL_ID,
    modelName: 'recorded',
    knowledgeRoot: plan.knowledge?.root ?? ZERO_HASH,
    knowledgeSize: plan.knowledge?.size ?? 0,
    priceInPerByte: plan.priceInPerByte ?? 500n,
    priceOutPerByte: plan.priceOutPerByte ?? 6_000n,
    priceQuotePerByte: plan.priceQuotePerByte ?? 6_000n,
    capacity: plan.capacity ?? 4,
  };
}

export const MODEL_ID = 'ab'.repeat(32) as Hash;

function validatorOf(name: string, power: bigint) {
  const [consensus, vrf] = [partyOf(`${name} consensus`), partyOf(`${name} vrf`)];
  return { operator: partyOf(name).address, publicKey: consensus.publicKey, vrfKey: vrf.publicKey, power };
}

/** A header whose roots are not computed: execution takes its time and its id alone. */
function headerOf(height: number, proposer: Address): Header {
  return {
    protocolVersion: PROTOCOL_VERSION,
    chainId: CHAIN_ID,
    height,
    time: START_MS + height * BLOCK_INTERVAL_MS,
    lastBlockId: ZERO_HASH,
    lastCommitRoot: ZERO_HASH,
    extensionsRoot: ZERO_HASH,
    validatorsHash: ZERO_HASH,
    nextValidatorsHash: ZERO_HASH,
    paramsHash: ZERO_HASH,
    stateRoot: ZERO_HASH,
    resultsRoot: ZERO_HASH,
    transactionsRoot: ZERO_HASH,
    evidenceRoot: ZERO_HASH,
    beaconProof: NO_PROOF,
    proposer,
  };
}

/**
 * A chain without a network, whose times are so short that a hundred blocks see them all end: unbonding, evidence's age, jail, votes, transaction ids.
 * The production code builds, judges and applies every block; the books of ledger-model.ts are kept beside it. Owns the chain and how a block of it is
 * made; what happens at which height is history-script.ts.
 */
import {
  type Address,
  applyBlock,
  type Block,
  beaconAlpha,
  blockId,
  buildBlock,
  type ChainEvent,
  checkSupply,
  createGenesis,
  createGenesisState,
  createSignatureCheck,
  type Evidence,
  type ExtendedCommit,
  type ExtensionItem,
  encodeTransaction,
  encodeVoteExtension,
  extensionSignBytes,
  type Genesis,
  genesisParent,
  type Hash,
  type Height,
  type ParentBlock,
  type Payload,
  type Proposal,
  parentOf,
  proposalSignBytes,
  proposerAt,
  type Receipt,
  readBaseFee,
  readBeacon,
  readParams,
  readValidatorRecord,
  readValidatorsAt,
  type StateTree,
  type Transaction,
  type TransactionBody,
  taggedHash,
  taggedHashBytes,
  transactionSignBytes,
  type Validator,
  type Vote,
  type VoteType,
  validateBlock,
  voteSignBytes,
} from '@synod/chain';
import { castOf, startMs } from './cast.ts';
import { hasQuorum } from './certificate-check.ts';
import { type KeyPair, keyedHashTier } from './keys.ts';
import { LedgerModel } from './ledger-model.ts';
import type { Prng } from './prng.ts';

/** What somebody sends, and what must become of it: a code of the results, or `refused` and why it may not stand in the block. */
export type Act = {
  readonly payload: Payload;
  readonly by: KeyPair;
  readonly code: string;
  readonly change?: Partial<TransactionBody>;
};

export type Turn = {
  readonly acts?: readonly Act[];
  readonly evidence?: readonly Evidence[];
  /** Places in the cast of those whose precommit the next block lacks. */
  readonly absent?: readonly number[];
  /** Milliseconds after the block before, where it is not one interval. */
  readonly afterMs?: number;
  /** What members of the cast, by place, say in their precommits for this block, once it is applied: the next one takes it in. */
  readonly says?: () => Said;
};

export type Said = ReadonlyMap<number, readonly ExtensionItem[]>;

const { crypto, sign, prove } = keyedHashTier;
export const historyChainId = 'history';
const chainId = historyChainId;
const intervalMs = 1_000;

export class HistoryChain {
  readonly cast = castOf(7, true);
  readonly #prng: Prng;
  readonly #genesis: Genesis;
  readonly #ledger = new LedgerModel(crypto.verifyBeacon);
  readonly #keys = new Map<string, KeyPair>();
  state: StateTree;
  height: Height = 0;
  #timeMs = startMs;
  #parent: ParentBlock;
  #lastCommit: ExtendedCommit | null = null;
  /** Of the newest block. */
  events: readonly ChainEvent[] = [];
  readonly receipts = new Map<Hash, Receipt>();
  burntByFees = 0n;
  #salt = 0;

  /** `others` hold keys beside the cast's; `genesisOf` makes another genesis of the cast's. */
  constructor(prng: Prng, others: readonly KeyPair[], genesisOf: (cast: Genesis) => Genesis = shortGenesis) {
    this.#prng = prng;
    for (const { consensus, beacon, rotated } of this.cast.members)
      for (const pair of [consensus, beacon, rotated.consensus, rotated.beacon]) this.#keys.set(pair.publicKey, pair);
    for (const pair of others) this.#keys.set(pair.publicKey, pair);
    this.#genesis = genesisOf(this.cast.identity.genesis);
    this.state = createGenesisState(this.#genesis);
    this.#parent = genesisParent(this.#genesis);
  }

  get chainId(): string {
    return chainId;
  }

  get timeMs(): number {
    return this.#timeMs;
  }

  /** One block with all of these; what is wrong with it, or null. */
  turn({ acts = [], evidence = [], absent = [], afterMs = intervalMs, says }: Turn): string | null {
    const sent = acts.map((act) => this.transaction(act));
    const { block, refused } = this.build(sent, { evidence, afterMs });
    const height = this.height + 1;
    if (block.evidence.length !== evidence.length) return `block ${height} leaves evidence out`;
    const verdict = this.#validate(block);
    if (!verdict.ok) return `block ${height} is refused: ${verdict.code} ${JSON.stringify(verdict.facts)}`;
    const applied = applyBlock(this.state, block, verdict.execution, crypto.verifyBeacon);
    if (!applied.ok) return `block ${height} does not apply: ${applied.code}`;
    for (const [index, { payload, code }] of acts.entries()) {
      const at = block.transactions.indexOf(sent[index] as Transaction);
      const reason = refused.find(({ transaction }) => transaction === sent[index])?.code;
      const is = at === -1 ? `refused ${reason}` : applied.results.transactions[at]?.code;
      if (is !== code) return `${payload.type} at height ${height} is ${is}, due ${code}`;
    }
    if (!checkSupply(applied.state).ok) return `height ${height}: the supply is not conserved`;
    const problem = this.#ledger.problem({ before: this.state, after: applied.state, block, ...applied });
    if (problem !== null) return `height ${height}: ${problem}`;
    this.#parent = parentOf(block.header, applied.results);
    const bytes = block.transactions.reduce((sum, transaction) => sum + encodeTransaction(transaction).length, 0);
    this.burntByFees = BigInt(bytes) * readBaseFee(this.state);
    Object.assign(this, { height, state: applied.state, events: applied.events });
    for (const receipt of applied.results.receipts) this.receipts.set(receipt.queryId, receipt);
    this.#timeMs = block.header.time;
    this.#lastCommit = this.#commitOf(block, absent, says?.());
    return null;
  }

  /** What would become of these in the next block, which is never decided. */
  codesOf(acts: readonly Act[]): readonly string[] {
    const sent = acts.map((act) => this.transaction(act));
    const { block, refused, execute } = this.build(sent, { evidence: [], afterMs: intervalMs });
    const { transactions } = execute().results;
    return sent.map((transaction) => {
      const at = block.transactions.indexOf(transaction);
      const reason = refused.find((one) => one.transaction === transaction)?.code;
      return at === -1 ? `refused ${reason}` : (transactions[at]?.code ?? 'without a result');
    });
  }

  /** The verdict's code on the next block with something about it changed; `OK` where it stands. */
  verdictOn(change: (block: Block) => Block): string {
    const verdict = this.#validate(change(this.build([], { evidence: [], afterMs: intervalMs }).block));
    return verdict.ok ? 'OK' : verdict.code;
  }

  build(
    transactions: readonly Transaction[],
    { evidence, afterMs }: { evidence: readonly Evidence[]; afterMs: number },
  ) {
    const height = this.height + 1;
    const record = readValidatorRecord(this.state);
    // Rarely a later one: whose turn failed weighs less for a thousand heights, whatever else is the matter with it.
    const round = this.#prng.chance(150_000) ? this.#prng.between(1, 2) : 0;
    const proposer = proposerAt(record, readParams(this.state), height, round);
    const member = record.validators.find(({ operator }) => operator === proposer) as Validator;
    return buildBlock({
      state: this.state,
      parent: this.#parent,
      lastCommit: this.#lastCommit,
      transactions,
      isSignatureValid: createSignatureCheck(crypto.verifySignature),
      evidence,
      verify: crypto.verifySignature,
      verifyBeacon: crypto.verifyBeacon,
      time: this.#timeMs + afterMs,
      beaconProof: prove(this.#keyOf(member.vrfKey), beaconAlpha(readBeacon(this.state, this.height) as Hash, height)),
      proposer,
    });
  }

  transaction({ payload, by, change }: Pick<Act, 'payload' | 'by' | 'change'>): Transaction {
    const body: TransactionBody = {
      chainId,
      sender: by.publicKey,
      salt: taggedHashBytes('simulator/history', Buffer.from(`${this.#salt++}`)).subarray(0, 16),
      validUntil: this.height + 20,
      maxBaseFeePerByte: 1_000n,
      tip: 1n,
      payload,
      ...change,
    };
    return { body, signature: sign(by, transactionSignBytes(body)) };
  }

  /** What this transaction costs in the next block, whatever it moves. */
  feeOf(act: Pick<Act, 'payload' | 'by' | 'change'>): bigint {
    return BigInt(encodeTransaction(this.transaction(act)).length) * readParams(this.state).baseFeePerByteMin + 1n;
  }

  /** A signed vote for a made-up block. */
  vote(
    by: number,
    slot: { height: Height; round?: number; type?: VoteType; value: string; key?: KeyPair; chain?: string },
  ): Vote {
    const { height, round = 0, type = 'prevote', value, key, chain = chainId } = slot;
    const member = this.cast.members[by]!;
    const id = taggedHash('simulator/history', Buffer.from(value));
    const signature = sign(key ?? member.consensus, voteSignBytes(chain, { type, height, round, blockId: id }));
    return { type, height, round, blockId: id, validator: member.operator.address, signature, extension: null };
  }

  proposal(by: number, { height, value }: { height: Height; value: string }): Proposal {
    const member = this.cast.members[by]!;
    const content = { height, round: 0, polRound: -1, blockId: taggedHash('simulator/history', Buffer.from(value)) };
    const signature = sign(member.consensus, proposalSignBytes(chainId, content));
    return { ...content, proposer: member.operator.address, signature };
  }

  #validate(block: Block) {
    return validateBlock(block, {
      state: this.state,
      parent: this.#parent,
      verify: crypto.verifySignature,
      verifyBeacon: crypto.verifyBeacon,
      verifyCommit: hasQuorum,
    });
  }

  #commitOf(block: Block, absent: readonly number[], said: Said = new Map()): ExtendedCommit {
    const { height } = block.header;
    const away = absent.map((index) => this.cast.members[index]?.operator.address as Address);
    const id = blockId(block.header);
    const vote = voteSignBytes(chainId, { type: 'precommit', height, round: 0, blockId: id });
    const members = readValidatorsAt(this.state, height) ?? [];
    const precommits = members.flatMap(({ operator, publicKey }, validator) => {
      const key = this.#keyOf(publicKey);
      const place = this.cast.members.findIndex((member) => member.operator.address === operator);
      const extension = encodeVoteExtension({ items: said.get(place) ?? [] });
      const extended = extensionSignBytes(chainId, { height, round: 0, blockId: id, extension });
      const entry = { validator, signature: sign(key, vote), extension, extensionSignature: sign(key, extended) };
      return away.includes(operator) ? [] : [entry];
    });
    return { height, round: 0, blockId: id, precommits };
  }

  /** Who holds this account, among those it was told of. */
  keyAt(address: Address): KeyPair {
    const { members } = this.cast;
    const known = [...members.flatMap(({ operator, expert }) => [operator, expert]), ...this.#keys.values()];
    const pair = known.find((one) => one.address === address);
    if (pair === undefined) throw new RangeError(`nobody holds the account ${address}`);
    return pair;
  }

  #keyOf(publicKey: string): KeyPair {
    const pair = this.#keys.get(publicKey);
    if (pair === undefined) throw new RangeError(`nobody holds the key ${publicKey}`);
    return pair;
  }
}

/** The cast's genesis with times that end within a hundred blocks. */
function shortGenesis({ validators, accounts, experts }: Genesis): Genesis {
  return createGenesis({
    chainId,
    time: startMs,
    devnet: true,
    validators,
    accounts,
    experts,
    params: {
      timeouts: { blockIntervalMs: intervalMs },
      clockDriftMsMax: 100,
      absenceHeights: 2,
      blockBytesMax: 16_384,
      transactionBytesMax: 1_024,
      blockBytesTarget: 16_384,
      baseFeePerByteMin: 100n,
      staking: {
        epochHeights: 3,
        evidenceAgeHeights: 6,
        evidenceAgeMs: 5_000,
        trustingPeriodMs: 3_000,
        unbondingHeights: 75,
        downtimeWindow: 8,
        downtimeMissedMax: 3,
        downtimeSlash: 10_000,
        jailHeights: 4,
      },
      voting: { votingHeights: 10 },
    },
  });
}

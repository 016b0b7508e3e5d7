/**
 * What the RPC server needs of a node. Owns the port; the node package implements it, the CLI joins the two.
 * All values are the chain's own types: turning them into JSON (decimal strings, 0x hashes) is the server's work.
 * Methods throw `SynodError` for operating failures; the code-to-JSON-RPC table lives in errors.ts.
 */
import type {
  Account,
  Address,
  Amount,
  Block,
  ChainParams,
  Expert,
  ExtendedCommit,
  Genesis,
  Hash,
  Header,
  Height,
  LightBlock,
  ParamChange,
  ParamsProposal,
  PrivatePrompt,
  PublicKey,
  ReceiptProof,
  Reputation,
  ReputationExplanation,
  RewardRecord,
  StateProof,
  TimestampMs,
  Transaction,
  TransactionResult,
  TrustTrail,
  Validator,
  VoteTally,
} from '@synod/chain';
import type { DevApi } from './dev-types.ts';
import type { HistoryApi } from './history-types.ts';
import type { LearningApi } from './learning-types.ts';
import type { OperatingApi } from './operating-types.ts';
import type {
  CancelTerms,
  Configuration,
  Disclosure,
  OpenedQuery,
  OpeningTerms,
  QueryEvent,
  QueryRequest,
  QueryView,
  QuoteRequest,
} from './query-types.ts';
import type { FutureQuery, SelectionView } from './selection-view.ts';
import type { DelegationView, UnbondingView, ValidatorView } from './staking-types.ts';
import type { WorkerApi } from './worker-types.ts';

export type * from './dev-types.ts';
export type {
  HistoryApi,
  HistoryPage,
  HistoryPlace,
  HistoryWindow,
  IncludedTransaction,
  SettledQuery,
  SignatureGrid,
  SimulatedTransaction,
} from './history-types.ts';
export type * from './learning-types.ts';
export type { OperatingApi } from './operating-types.ts';
export type * from './query-types.ts';
export type * from './staking-types.ts';
export type * from './worker-types.ts';

export type BlockTag = Height | Hash | 'latest' | 'finalized' | 'earliest';

export type NodeStatus = {
  readonly version: string;
  readonly chainId: string;
  readonly genesisHash: Hash;
  readonly devnet: boolean;
  readonly name: string;
  /** A decided block is final: head and finalized differ only while a commit is being stored. */
  readonly head: HeadInfo;
  readonly finalized: HeadInfo;
  readonly syncing: boolean;
  /** `observer` when signing would be unsafe or there is no key; `reason` then says why. */
  readonly role: 'validator' | 'observer';
  readonly roleReason: string | null;
  readonly operator: Address | null;
  /** The consensus key this node signs with now; null where it holds none. */
  readonly signingKey: PublicKey | null;
  readonly experts: readonly Address[];
  readonly peers: number;
  readonly round: number;
  readonly mempoolTransactions: number;
  readonly openQueries: number;
  readonly worker: WorkerStatus;
  /** Sentences for people, e.g. why blocks have stalled. Empty when all is well. */
  readonly warnings: readonly string[];
};

export type WorkerStatus = {
  /** `off`: this node has no worker, and needs none. */
  readonly state: 'starting' | 'ready' | 'down' | 'off';
  readonly model: string | null;
  readonly modelHash: string | null;
  readonly queued: number;
};

export type HeadInfo = { readonly height: Height; readonly hash: Hash; readonly time: TimestampMs };

export type PeerInfo = {
  readonly peerId: string;
  readonly address: string;
  readonly direction: 'inbound' | 'outbound';
  /** Offences that are not forgotten yet, 0 to 100: at 100 a peer is banned. */
  readonly penalty: number;
  /** Gossipsub's score of the peer; far below 0 it is not heard. */
  readonly gossipScore: number;
  /** Known after the hello exchange. */
  readonly operator: Address | null;
  readonly height: Height | null;
};

/** Bans and refused connections by reason and failed dials since the start; bans in force and peers known now. */
export type NetworkReport = {
  readonly bans: Readonly<Record<string, number>>;
  readonly bannedNow: number;
  readonly dialFailures: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly knownPeers: number;
};

export type BlockView = { readonly hash: Hash; readonly block: Block; readonly stateRootAfter: Hash | null };

/** One thing that a block did: amounts are decimal strings or big integers, hashes bare hex. */
export type BlockEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

export type CommitView = {
  readonly height: Height;
  readonly hash: Hash;
  readonly commit: ExtendedCommit;
  readonly validators: readonly Validator[];
};

export type TransactionView = {
  readonly id: Hash;
  readonly status: 'pending' | 'included' | 'final';
  readonly height: Height | null;
  readonly blockHash: Hash | null;
  readonly result: TransactionResult | null;
  readonly transaction: Transaction | null;
};

/** `rejected` never entered the mempool; its `code` says why. `timeout` is not an error: the id is known and it may still be included. */
export type SubmitResult = {
  readonly id: Hash;
  readonly status: 'pending' | 'included' | 'final' | 'rejected' | 'failed';
  readonly code: string;
  readonly hint: string | null;
  readonly height: Height | null;
};

export type WaitFor = 'mempool' | 'block' | 'final';

/** How a question's domain was found: named by the `request`, by the `router`, or by `default` where none could or had to be asked. */
export type Routing = {
  readonly domain: string;
  readonly by: 'request' | 'router' | 'default';
  /** What the router gave the domain, in millionths; null when it was not asked, or found the question to belong to none. */
  readonly probabilityPpm: number | null;
  /** How hard the prompt looks, in millionths; 0 when nobody could say. */
  readonly difficultyPpm: number;
  /** Why the router was not followed, for people. */
  readonly note: string | null;
};

export type Quote = {
  readonly domain: string;
  readonly routing: Routing;
  readonly estimate: Amount;
  /** Never charged above this. */
  readonly max: Amount;
  /** Millionths by which the domain's load multiplies the experts' rates. */
  readonly loadFactor: number;
  readonly experts: readonly { readonly expert: Address; readonly name: string; readonly model: string }[];
  readonly validUntil: Height;
  /** How much of the market the contract takes, and why. */
  readonly configuration: Configuration;
};

export type DevAccount = { readonly name: string; readonly address: Address };

export const chainEventTopics = [
  'newHeads',
  'finalized',
  'txStatus',
  'query',
  'learning',
  'modelUpdate',
  'validatorEvent',
  'health',
] as const;

export type ChainEventTopic = (typeof chainEventTopics)[number];

/** Cursors are strictly increasing per node; a bounded number of past events can be replayed. */
export type TopicEvent = {
  readonly cursor: number;
  readonly topic: ChainEventTopic;
  readonly data: Readonly<Record<string, unknown>>;
};

/** What became of evidence handed in; `code` is `OK` or why it was refused. */
export type EvidenceAnswer = {
  readonly status: 'accepted' | 'known' | 'refused';
  readonly code: string;
  readonly hint: string | null;
  /** Whom it accuses, and the height it is about; none where the node did not read that far. */
  readonly validators: readonly Address[];
  readonly height: Height | null;
};

/** A parameter with its inclusive range; one of safety is changed by more than 2/3 of the votes. */
export type ParamEntry = {
  readonly name: string;
  readonly value: bigint;
  readonly least: bigint;
  readonly most: bigint;
  readonly isSafety: boolean;
  /** `amount`: nano. `part`: parts per million. */
  readonly kind: 'count' | 'amount' | 'part';
};

/** A proposal with the count as it stands (staking §8). */
export type ProposalView = {
  readonly proposal: ParamsProposal;
  readonly tally: VoteTally;
  /** What it would come to if the vote ended now. */
  readonly outcomeNow: 'passed' | 'rejected' | 'vetoed' | 'noQuorum';
  readonly isSafety: boolean;
  /** First height with the new parameters, should it pass. */
  readonly actsAt: Height;
};

export type ReputationView = { readonly expert: Address; readonly domain: string; readonly reputation: Reputation };

/** An expert with what the node's files tell of it; a part is null where the node has no such file. */
export type ExpertCard = {
  readonly expert: Expert;
  /** Whether it answers through this node; only then profile and adapter are known. */
  readonly isHosted: boolean;
  readonly profile: {
    readonly instruction: string;
    readonly temperature: number;
    readonly topP: number;
    readonly maxTokens: number;
  } | null;
  readonly model: {
    readonly name: string;
    readonly hash: string;
    readonly parameters: number;
    readonly licence: string;
    readonly backend: string;
  } | null;
  readonly knowledge: {
    readonly title: string;
    readonly sources: readonly {
      readonly id: string;
      readonly title: string;
      readonly licence: string;
      readonly version: string;
    }[];
    /** Figures measured on this very knowledge, by name. */
    readonly scores: Readonly<Record<string, number>>;
  } | null;
  readonly adapter: {
    readonly hash: string;
    readonly licence: string;
    readonly steps: number;
    readonly seed: number;
    readonly dataHash: string;
  } | null;
};

type GroupedApis = LearningApi & WorkerApi;

export type NodeApi = GroupedApis & {
  /** What happened, newest first, and what waits to happen. */
  readonly history: HistoryApi;
  status(): NodeStatus;
  operating(): OperatingApi;
  peers(): readonly PeerInfo[];
  network(): NetworkReport;
  /** Multiaddrs with peer ids, of this node and of others it knows. */
  addresses(): { readonly peerId: string; readonly own: readonly string[]; readonly others: readonly string[] };
  genesis(): Genesis;
  genesisHash(): Hash;
  params(): ChainParams;
  block(tag: BlockTag): BlockView | null;
  /** What the block of that height did, in order; null where this node has not kept it. */
  blockEvents(height: Height): readonly BlockEvent[] | null;
  commit(height: Height | 'latest'): CommitView | null;
  /** The block of a height as somebody without state can verify it, or null where it is not stored. */
  lightBlock(height: Height | 'latest'): LightBlock | null;
  header(height: Height): Header | null;
  /**
   * The proof of a query's receipt with the way from the trusted height, or from the newest ones when it is null. Throws
   * QUERY_UNKNOWN, FUTURE, PRUNED or TRAIL_TOO_LONG.
   */
  receiptProof(queryId: Hash, trusted: Height | null): ReceiptProof;
  /** What leads from the trusted height to a block of this chain; throws as `receiptProof`. */
  trail(block: LightBlock, trusted: Height | null): TrustTrail;
  /** Oldest height whose block is stored. */
  oldestHeight(): Height;
  account(address: Address): Account | null;
  /** `height` is that of the state (after that block); null means the newest provable. Throws PRUNED or FUTURE. */
  proof(
    key: string,
    height: Height | null,
  ): {
    readonly height: Height;
    readonly stateRoot: Hash;
    readonly value: Uint8Array | null;
    readonly proof: StateProof;
  };
  submitTransaction(
    raw: Uint8Array,
    options: { readonly waitFor: WaitFor; readonly timeoutMs: number },
  ): Promise<SubmitResult>;
  transaction(id: Hash): TransactionView | null;
  /** Encoded evidence of misconduct (state §7.5), for a block of this node or of a peer. */
  submitEvidence(bytes: Uint8Array): EvidenceAnswer;
  /** Every parameter that a vote can change. */
  paramEntries(): readonly ParamEntry[];
  /** Proposals that are voted on, or have passed and wait; the first made first. */
  proposals(): readonly ProposalView[];
  /** Why the chain would refuse these changes now, in words, or null. */
  changesProblem(changes: readonly ParamChange[]): string | null;
  /** Every pool that ever was; those in the set of the next block have power above 0. */
  validators(): readonly ValidatorView[];
  delegations(delegator: Address): readonly DelegationView[];
  /** Stake of the delegator that left or moved and still answers for its pool, the first to mature first. */
  unbonding(delegator: Address): readonly UnbondingView[];
  /** Last height of the epoch that the next block belongs to. */
  epochEnd(): Height;
  /** What the last epochs were paid by, ascending. */
  rewardRecords(): readonly RewardRecord[];
  experts(domain: string | null): readonly Expert[];
  /** Millionths by which the domain's load multiplies its experts' rates. */
  loadFactor(domain: string): number;
  /** Null when no such expert is registered. */
  expertCard(expert: Address): Promise<ExpertCard | null>;
  reputation(expert: Address, domain: string | null): readonly ReputationView[];
  /** Routes first where no domain is named. */
  quote(request: QuoteRequest): Promise<Quote>;
  /** The `query.open` that `openQuery` would sign, for a key that is elsewhere; its signature is 64 zeros. */
  prepareQuery(request: QueryRequest, terms: { readonly sender: PublicKey; readonly seal: Hash }): Promise<Uint8Array>;
  /** Signs and submits for a devnet account, or for the payer. Throws NOT_DEVNET or ACCOUNT_UNKNOWN where it holds no such key. */
  openQuery(request: QueryRequest, terms?: OpeningTerms): Promise<OpenedQuery>;
  /** Submits an already signed `query.open`; that of a private query with the prompt and salt that its contract stands for. */
  openSignedQuery(raw: Uint8Array, secret: PrivatePrompt | null): Promise<OpenedQuery>;
  /**
   * Events of one query from its beginning (past ones are replayed), ending with `final` or `failed`. Texts of a private one come to
   * the holder of its read key only.
   */
  followQuery(
    queryId: Hash,
    options: { readonly signal?: AbortSignal | undefined; readonly readKey?: Hash | null },
  ): AsyncIterable<QueryEvent>;
  /** Texts of a private query are in it for the holder of its read key. */
  query(queryId: Hash, readKey: Hash | null): QueryView | null;
  /** What this node keeps of a private query in state. Throws `QUERY_UNKNOWN` or `READ_KEY_WRONG`. */
  disclosure(queryId: Hash, readKey: Hash): Disclosure;
  /** Ends a query of a devnet account early, also one that is still on its way; waits for its block. Throws QUERY_UNKNOWN or NOT_REQUESTER. */
  cancelQuery(queryId: Hash, terms?: CancelTerms): Promise<SubmitResult>;
  /** Null while nobody was selected, or where the query is unknown. */
  selection(queryId: Hash): SelectionView | null;
  /** Candidates of a query opened now by a stranger, whatever their price. */
  futureSelection(query: FutureQuery): SelectionView;
  /** Null where no such expert is registered. */
  explainReputation(expert: Address, domain: string): ReputationExplanation | null;
  devAccounts(): readonly DevAccount[];
  /** Cursors of the oldest event that can be replayed and of the newest; both 0 before the first. */
  eventCursors(): { readonly oldest: number; readonly newest: number };
  /** Accounts that spend keys may draw on: those of a devnet, or the one given by `--pay-from`. */
  payers(): readonly DevAccount[];
  /** Null or left out: the chain is no devnet. */
  readonly dev?: DevApi | null;
  /** Replays stored events after `fromCursor`, then calls for each new one. Returns the function that ends it. */
  subscribe(topic: ChainEventTopic, fromCursor: number | null, listener: (event: TopicEvent) => void): () => void;
};

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
  Height,
  QueryState,
  Receipt,
  Reputation,
  StateProof,
  TimestampMs,
  Transaction,
  TransactionResult,
  Validator,
} from '@synod/chain';

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

export type QuoteRequest = {
  readonly prompt: string;
  readonly domain?: string | undefined;
  readonly maxTokens?: number | undefined;
};

export type Quote = {
  readonly domain: string;
  readonly estimate: Amount;
  /** Never charged above this. */
  readonly max: Amount;
  readonly experts: readonly { readonly expert: Address; readonly name: string; readonly model: string }[];
  readonly validUntil: Height;
};

/** A query the node signs for one of its devnet accounts. */
export type QueryRequest = {
  readonly prompt: string;
  readonly domain?: string | undefined;
  readonly maxCost?: Amount | undefined;
  /** Name (`alice`) or address of a devnet account; default the first one. */
  readonly from?: string | undefined;
  readonly respondents?: number | undefined;
  readonly threshold?: number | undefined;
};

export type QueryEvent =
  | { readonly kind: 'opened'; readonly queryId: Hash; readonly height: Height }
  | { readonly kind: 'selected'; readonly queryId: Hash; readonly experts: readonly Address[] }
  /** Provisional text of the first-selected respondent, in order. */
  | { readonly kind: 'token'; readonly queryId: Hash; readonly expert: Address; readonly text: string }
  | { readonly kind: 'answerDone'; readonly queryId: Hash; readonly expert: Address }
  | { readonly kind: 'phase'; readonly queryId: Hash; readonly phase: string; readonly height: Height }
  /** Settled and final: `settledAt + 1` has its certificate. */
  | { readonly kind: 'final'; readonly queryId: Hash; readonly view: QueryView }
  | { readonly kind: 'failed'; readonly queryId: Hash; readonly code: string; readonly message: string };

export type QueryView = {
  readonly queryId: Hash;
  readonly status: 'pending' | 'open' | 'settled' | 'final';
  readonly state: QueryState | null;
  readonly receipt: Receipt | null;
  /** Block that settled it. */
  readonly settled: { readonly height: Height; readonly blockHash: Hash; readonly finalized: boolean } | null;
  readonly prompt: string | null;
};

export type DevAccount = { readonly name: string; readonly address: Address };

export type ChainEventTopic = 'newHeads' | 'finalized' | 'txStatus' | 'query' | 'health';

/** Cursors are strictly increasing per node; a bounded number of past events can be replayed. */
export type TopicEvent = {
  readonly cursor: number;
  readonly topic: ChainEventTopic;
  readonly data: Readonly<Record<string, unknown>>;
};

export type ReputationView = { readonly expert: Address; readonly domain: string; readonly reputation: Reputation };

export type NodeApi = {
  status(): NodeStatus;
  peers(): readonly PeerInfo[];
  network(): NetworkReport;
  /** Multiaddrs with peer ids, of this node and of others it knows. */
  addresses(): { readonly peerId: string; readonly own: readonly string[]; readonly others: readonly string[] };
  genesis(): Genesis;
  genesisHash(): Hash;
  params(): ChainParams;
  block(tag: BlockTag): BlockView | null;
  commit(height: Height | 'latest'): CommitView | null;
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
  validators(): readonly (Validator & { readonly lastSignedHeight: Height; readonly priority: bigint })[];
  experts(domain: string | null): readonly Expert[];
  reputation(expert: Address, domain: string | null): readonly ReputationView[];
  quote(request: QuoteRequest): Quote;
  /** Signs and submits on a devnet; throws NOT_DEVNET elsewhere. Nothing is charged until the answer's first token was delivered. */
  openQuery(request: QueryRequest): Promise<{ readonly queryId: Hash }>;
  /** Submits an already signed `query.open`. */
  openSignedQuery(raw: Uint8Array): Promise<{ readonly queryId: Hash }>;
  /** Events of one query from its beginning (past ones are replayed), ending with `final` or `failed`. */
  followQuery(queryId: Hash, options: { readonly signal?: AbortSignal | undefined }): AsyncIterable<QueryEvent>;
  query(queryId: Hash): QueryView | null;
  devAccounts(): readonly DevAccount[];
  /** Replays stored events after `fromCursor`, then calls for each new one. Returns the function that ends it. */
  subscribe(topic: ChainEventTopic, fromCursor: number | null, listener: (event: TopicEvent) => void): () => void;
};

/**
 * Everything an edge (RPC, metrics, CLI) may ask of a running node. Owns the facade; each group of questions has a file of
 * its own. It has the shape of the RPC package's NodeApi, which the composition root checks.
 */
import {
  type Address,
  type Amount,
  type ChainParams,
  explainReputation,
  type Genesis,
  type Hash,
  type Height,
  type LightBlock,
  type ParamChange,
  type PrivatePrompt,
  type ReputationExplanation,
  type RewardRecord,
  readEpochs,
  readExpert,
  readLoad,
  readParams,
  type StateProof,
} from '@synod/chain';
import type { NetworkReport } from '../adapters/index.ts';
import type { Host, HostEvent, Store } from '../host/index.ts';
import { type BlockTag, ChainReader, type Lookups } from './chain-reader.ts';
import { DevAccounts } from './dev-accounts.ts';
import { absentEmbeddings } from './embeddings.ts';
import type { Topic, TopicEvent } from './events.ts';
import { type EvidenceAnswer, evidenceAnswer } from './evidence-answer.ts';
import { type ExpertCard, expertCard } from './expert-cards.ts';
import { FeedbackReader } from './feedback-reader.ts';
import { FeedbackService } from './feedback-service.ts';
import { HistoryReader } from './history-reader.ts';
import { LearningFacade } from './learning-facade.ts';
import { LearningReader } from './learning-reader.ts';
import { LightServer } from './light-server.ts';
import type { NodeFacts } from './node-facts.ts';
import { nodeStatus } from './node-status.ts';
import { OperatingReader } from './operating-reader.ts';
import { ParamsReader } from './params-reader.ts';
import type { OpenedQuery } from './private-queries.ts';
import {
  type CancelHooks,
  type OpeningHooks,
  type OpeningTerms,
  type QueryRequest,
  QueryService,
} from './query-service.ts';
import type { QueryEvent } from './query-tracker.ts';
import type { Quote, QuoteRequest } from './quote.ts';
import { futureSelection, keptSelection, type SelectionView, selectionOfReceipt } from './selection-view.ts';
import { StakeReader } from './stake-reader.ts';
import { type SubmitResult, Submitter, type TransactionView, type WaitFor } from './submitter.ts';
import { absentTokenTexts } from './token-texts.ts';
import { ToldEvents } from './told-events.ts';
import { newestOfNetwork, upToDateCheck } from './up-to-date.ts';
import { epochEnd } from './validator-standing.ts';

/** A few blocks: a cancelling that comes later than that comes too late anyhow. */
const CANCEL_WAIT_MS = 10_000;

export class NodeService extends LearningFacade {
  readonly #host: Host;
  readonly #facts: NodeFacts;
  readonly #reader: ChainReader;
  readonly #accounts: DevAccounts;
  readonly #submitter: Submitter;
  readonly #queries: QueryService;
  readonly #light: LightServer;
  readonly #stakes: StakeReader;
  readonly #votes: ParamsReader;
  readonly #events = new ToldEvents(() => this.status());
  /** What happened, newest first. */
  readonly history: HistoryReader;
  readonly #operating: OperatingReader;

  constructor(host: Host, store: Store & Lookups, facts: NodeFacts) {
    const { genesis, operator, router, feedback: files = null } = facts;
    const reader = new ChainReader({ store, head: () => host.head, genesis });
    const requireUpToDate = upToDateCheck(host, facts);
    const held = { accounts: facts.devAccounts, paying: facts.paying ?? [] };
    const accounts = new DevAccounts({ host, genesis, ...held, requireUpToDate });
    const submitter = new Submitter(host, reader, requireUpToDate);
    const queries = new QueryService({ host, reader, operator, accounts, router, requireUpToDate });
    const state = () => reader.state;
    const view = queries.askersView.bind(queries);
    super({
      given: new FeedbackService({ head: () => host.head, view, accounts, submitter, files }),
      feedback: new FeedbackReader({ reader, blobs: files?.blobs ?? null }),
      learning: new LearningReader(state),
    });
    this.#host = host;
    this.#facts = facts;
    this.#operating = new OperatingReader(facts, () => host.sync.isBehind());
    this.#reader = reader;
    this.#accounts = accounts;
    this.#submitter = submitter;
    this.#queries = queries;
    this.#stakes = new StakeReader(state);
    this.history = new HistoryReader(host, reader);
    this.#votes = new ParamsReader(state);
    this.#light = new LightServer(reader, () => host.head.height);
  }

  /** Everything the host tells; called synchronously by its observer port. */
  onHostEvent(event: HostEvent): void {
    if (event.kind === 'answerToken') this.#queries.onToken(event);
    else if (event.kind === 'answerDone') this.#queries.tracker.add(event);
    else if (event.kind === 'privateKept') this.#queries.onKept(event.queryId);
    else if (event.kind === 'blockApplied') this.#onBlock(event);
  }

  status() {
    return nodeStatus(this.#host, this.#facts);
  }

  operating(): OperatingReader {
    return this.#operating;
  }

  peers() {
    const known = new Map(this.#host.sync.peers().map((peer) => [peer.id, peer]));
    return this.#facts.peers().map((peer) => {
      const greeted = known.get(peer.peerId);
      return { ...peer, operator: greeted?.operator ?? null, height: greeted?.isGreeted ? greeted.height : null };
    });
  }

  /** Newest block that more than a third of the peers have; null while none has said. */
  networkHeight = (): Height | null => newestOfNetwork(this.#host);

  network(): NetworkReport {
    return this.#facts.network();
  }

  addresses() {
    return this.#facts.addresses();
  }

  genesis(): Genesis {
    return this.#facts.genesis;
  }

  genesisHash(): Hash {
    return this.#facts.genesisHash;
  }

  params(): ChainParams {
    return readParams(this.#reader.state);
  }

  block(tag: BlockTag) {
    return this.#reader.block(tag);
  }

  blockEvents(height: Height) {
    return this.#reader.events(height);
  }

  commit(height: Height | 'latest') {
    return this.#reader.commit(height);
  }

  lightBlock(height: Height | 'latest') {
    return this.#light.lightBlock(height);
  }

  header(height: Height) {
    return this.#light.header(height);
  }

  receiptProof(queryId: Hash, trusted: Height | null) {
    return this.#light.receiptProof(queryId, trusted);
  }

  trail(block: LightBlock, trusted: Height | null) {
    return this.#light.trail(block, trusted);
  }

  oldestHeight(): Height {
    return this.#reader.oldestHeight();
  }

  account(address: Address) {
    return this.#reader.account(address);
  }

  proof(
    key: string,
    height: Height | null,
  ): { height: Height; stateRoot: Hash; value: Uint8Array | null; proof: StateProof } {
    return this.#reader.proof(key, height);
  }

  submitTransaction(raw: Uint8Array, options: { waitFor: WaitFor; timeoutMs: number }): Promise<SubmitResult> {
    return this.#submitter.submit(raw, options);
  }

  transaction(id: Hash): TransactionView | null {
    return this.#submitter.transaction(id);
  }

  /** Evidence that somebody found, encoded (state §7.5): kept for a block and passed on, known, or refused with the chain's code. */
  submitEvidence(bytes: Uint8Array): EvidenceAnswer {
    return evidenceAnswer(this.#host.submitEvidence(bytes));
  }

  paramEntries() {
    return this.#votes.entries();
  }

  proposals() {
    return this.#votes.proposals();
  }

  /** Why the chain would refuse these changes now, in words, or null. */
  changesProblem(changes: readonly ParamChange[]): string | null {
    return this.#votes.problemOf(changes);
  }

  validators() {
    return this.#stakes.validators();
  }

  delegations(delegator: Address) {
    return this.#stakes.delegations(delegator);
  }

  unbonding(delegator: Address) {
    return this.#stakes.unbonding(delegator);
  }

  rewardRecords(): readonly RewardRecord[] {
    return readEpochs(this.#host.head.state);
  }

  /** Last height of the epoch that the next block belongs to. */
  epochEnd(): Height {
    return epochEnd(this.#host.head.height, this.params().staking);
  }

  experts(domain: string | null) {
    return this.#reader.experts(domain);
  }

  /** Millionths by which the domain's load multiplies its experts' rates. */
  loadFactor(domain: string): number {
    return readLoad(this.#reader.state, domain).factor;
  }

  async expertCard(address: Address): Promise<ExpertCard | null> {
    const expert = readExpert(this.#reader.state, address);
    return expert === null ? null : await expertCard(expert, this.#facts.cards);
  }

  reputation(expert: Address, domain: string | null) {
    return this.#reader.reputation(expert, domain);
  }

  quote(request: QuoteRequest): Promise<Quote> {
    return this.#queries.quote(request);
  }

  async openQuery(request: QueryRequest, hooks: OpeningHooks = {}): Promise<OpenedQuery> {
    return this.#queries.open(request, hooks);
  }

  prepareQuery(request: QueryRequest, terms: OpeningTerms): Promise<Uint8Array> {
    return this.#queries.prepare(request, terms);
  }

  /** `secret`: prompt and salt of a private query. */
  async openSignedQuery(raw: Uint8Array, secret: PrivatePrompt | null): Promise<OpenedQuery> {
    return this.#queries.openSigned(raw, secret);
  }

  async cancelQuery(queryId: Hash, hooks: CancelHooks = {}): Promise<SubmitResult> {
    // Whoever stops at once need not know that the chain has yet to take the question.
    await this.#queries.opened(queryId, CANCEL_WAIT_MS);
    return this.#submitter.submit(this.#queries.cancelling(queryId, hooks), {
      waitFor: 'block',
      timeoutMs: CANCEL_WAIT_MS,
    });
  }

  followQuery(
    queryId: Hash,
    options: { readonly signal?: AbortSignal | undefined; readonly readKey?: Hash | null },
  ): AsyncIterable<QueryEvent> {
    return this.#queries.follow(queryId, options);
  }

  query(queryId: Hash, readKey: Hash | null) {
    return this.#queries.view(queryId, readKey);
  }

  /** Prompt, salt and answers of a private query as this node keeps them. */
  disclosure(queryId: Hash, readKey: Hash) {
    return this.#queries.disclosure(queryId, readKey);
  }

  /** As kept with the query or in its receipt; null while nobody was selected. */
  selection(queryId: Hash): SelectionView | null {
    const view = this.#queries.view(queryId, null);
    const kept = view?.state ?? (view?.receipt ? selectionOfReceipt(view.receipt) : null);
    if (kept === null || view?.state?.phase === 'selecting') return null;
    return keptSelection(kept, (height) => this.#reader.stateAt(height));
  }

  futureSelection(query: {
    readonly domain: string;
    readonly prompt: string;
    readonly respondents: number;
  }): SelectionView {
    return futureSelection(this.#reader.state, query);
  }

  explainReputation(expert: Address, domain: string): ReputationExplanation | null {
    const { height, state } = this.#host.head;
    return explainReputation(state, expert, domain, height + 1);
  }

  devAccounts() {
    return this.#accounts.list();
  }

  eventCursors() {
    return this.#events.cursors();
  }

  /** Accounts that spend keys may draw on. */
  payers() {
    return this.#accounts.payers();
  }

  /** One unit vector a text. */
  embed(texts: readonly string[]) {
    return (this.#facts.embeddings ?? absentEmbeddings).embed(texts);
  }

  tokenizerStanding(modelId: Hash) {
    return (this.#facts.tokens ?? absentTokenTexts).standing(modelId);
  }

  tokenBytes(modelId: Hash, tokens: readonly number[]) {
    return (this.#facts.tokens ?? absentTokenTexts).bytesOf(modelId, tokens);
  }

  /** Money of a devnet account for somebody. Throws `ACCOUNT_UNKNOWN` or `NOT_DEVNET`. */
  devTransfer(
    transfer: { readonly from: string; readonly to: Address; readonly amount: Amount },
    options: { waitFor: WaitFor; timeoutMs: number },
  ): Promise<SubmitResult> {
    const { from, ...payload } = transfer;
    return this.#submitter.submit(this.#accounts.transaction(from, { type: 'transfer', ...payload }), options);
  }

  subscribe(topic: Topic, fromCursor: number | null, listener: (event: TopicEvent) => void): () => void {
    return this.#events.subscribe(topic, fromCursor, listener);
  }

  #onBlock(event: Extract<HostEvent, { kind: 'blockApplied' }>): void {
    const { head } = this.#host;
    this.#reader.remember(head, event.events);
    this.#stakes.onHead(event.height, event.events);
    this.#operating.onBlock(event.block, event.events, head.state);
    this.#events.onBlock(event, head.results);
    this.#queries.tracker.onBlock(event.height, event.events);
    this.#queries.onResults(head.results?.transactions ?? []);
    this.#queries.onHead();
    this.#submitter.onHead();
  }
}

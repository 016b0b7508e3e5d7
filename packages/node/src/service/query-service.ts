/**
 * Opens queries for requesters and tells what becomes of them. Owns the contracts it makes; selection, answers,
 * scores and payment are the chain's.
 */
import { randomBytes } from 'node:crypto';
import {
  type Address,
  type Amount,
  addressOf,
  decodeTransaction,
  encodeTransaction,
  formatSyn,
  type Hash,
  type Height,
  type PrivatePrompt,
  type PrivateTerms,
  type PublicKey,
  publicKeyOf,
  type QueryContract,
  type QueryOpen,
  readAccount,
  readQuery,
  SynodError,
  type TransactionBody,
  toHex,
  transactionId,
} from '@synod/chain';
import type { Effort } from '@synod/inference';
import type { Host } from '../host/index.ts';
import type { ChainReader } from './chain-reader.ts';
import { checkTerms } from './contract-terms.ts';
import type { DevAccounts } from './dev-accounts.ts';
import { domainNamed } from './named-expert.ts';
import { type Disclosure, type OpenedQuery, PrivateQueries } from './private-queries.ts';
import type { QueryRouter, Routing } from './query-router.ts';
import { type QueryEvent, QueryTracker } from './query-tracker.ts';
import type { QueryView } from './query-view.ts';
import { checkPrompt, createContract, createQuote, type Quote, type QuoteRequest } from './quote.ts';
import { describeRefusal } from './refusals.ts';

export type QueryRequest = {
  readonly prompt: string;
  readonly domain?: string | undefined;
  /** Asks this expert alone (market §16). */
  readonly expert?: Address | undefined;
  readonly maxCost?: Amount | undefined;
  readonly from?: string | undefined;
  readonly respondents?: number | undefined;
  readonly rounds?: number | undefined;
  readonly effort?: Effort | undefined;
  readonly threshold?: number | undefined;
  /** `private`: only the query's committee and holders of its read key see its texts. */
  readonly privacy?: 'open' | 'private' | undefined;
};

/** Who pays, and who hears of it before it is out. */
export type OpeningHooks = {
  /** Instead of `from`: also an account that pays for spend keys alone. */
  readonly payer?: Address | undefined;
  /** When it throws, nothing goes out. */
  readonly onSigned?: ((signed: OpenedQuery & { readonly costMax: Amount }) => void) | undefined;
};

export type CancelHooks = {
  readonly isPayers?: boolean | undefined;
  readonly feeMax?: Amount | undefined;
  readonly onSigned?: ((signed: { readonly id: Hash; readonly validUntil: Height }) => void) | undefined;
};

/** Whose query it is, and what is in its contract's seal (market §12). */
export type OpeningTerms = { readonly sender: PublicKey; readonly seal: Hash };

export class QueryService {
  readonly #host: Host;
  readonly #reader: ChainReader;
  readonly #operator: Address | null;
  readonly #accounts: DevAccounts;
  readonly #router: QueryRouter;
  readonly #private: PrivateQueries;
  readonly #requireUpToDate: () => void;
  readonly tracker = new QueryTracker();

  constructor(options: {
    host: Host;
    reader: ChainReader;
    operator: Address | null;
    accounts: DevAccounts;
    router: QueryRouter;
    /** Throws where nothing can be asked at the head's height; left out: never. */
    requireUpToDate?: () => void;
  }) {
    this.#host = options.host;
    this.#requireUpToDate = options.requireUpToDate ?? (() => undefined);
    this.#reader = options.reader;
    this.#operator = options.operator;
    this.#router = options.router;
    this.#private = new PrivateQueries(options.host, options.reader);
    this.#accounts = options.accounts;
  }

  /** A prompt without a domain is routed first; one that the chain would refuse never reaches the router. */
  async quote(request: QuoteRequest & Pick<QueryRequest, 'threshold'>): Promise<Quote> {
    const { prompt } = request;
    this.#requireUpToDate();
    checkPrompt(this.#reader.state, prompt);
    checkTerms(this.#reader.state, request);
    const domain = domainNamed(this.#reader.state, request);
    const routing: Routing =
      domain === undefined
        ? await this.#router.route(prompt, this.#reader.domains())
        : await this.#router.asRequested(prompt, domain);
    const { height, state } = this.#host.head;
    return createQuote(state, request, { routing, coordinator: this.#operator, height });
  }

  /** Signs with the payer's key, or a devnet account's, and submits. */
  async open(request: QueryRequest, { payer, onSigned }: OpeningHooks = {}): Promise<OpenedQuery> {
    const { seed } = payer === undefined ? this.#accounts.require(request.from) : this.#payer(payer);
    const seal = toHex(randomBytes(32)) as Hash;
    const sealed = request.privacy === 'private' ? this.#private.seal(request.prompt) : null;
    const terms = { sender: publicKeyOf(seed), seal, privacy: sealed?.terms ?? null };
    const body = await this.#opening(request, terms);
    const raw = this.#accounts.signed(seed, body);
    return this.#submit(raw, sealed?.secret ?? null, (opened) =>
      onSigned?.({ ...opened, costMax: costMaxOf(body, raw.length) }),
    );
  }

  /** The very transaction that `open` would sign, for a key that is elsewhere: its signature is 64 zeros. */
  async prepare(request: QueryRequest, terms: OpeningTerms): Promise<Uint8Array> {
    return encodeTransaction({
      body: await this.#opening(request, { ...terms, privacy: null }),
      signature: new Uint8Array(64),
    });
  }

  async #opening(
    request: QueryRequest,
    { sender, seal, privacy }: OpeningTerms & { readonly privacy: PrivateTerms | null },
  ): Promise<TransactionBody> {
    this.#requireCoordinator();
    const quote = await this.quote(request);
    const contract = createContract({
      quote,
      maxCost: request.maxCost,
      threshold: request.threshold,
      seal,
      privacy,
    });
    this.#checkBalance(addressOf(sender), contract.maxFee);
    return this.#accounts.body(sender, { type: 'query.open', contract });
  }

  /**
   * Submits a signed `query.open`; its transaction id is the query's id. A private one comes with the content it stands for, which is
   * on disk before the query is out.
   */
  openSigned(raw: Uint8Array, secret: PrivatePrompt | null): Promise<OpenedQuery> {
    return this.#submit(raw, secret, () => undefined);
  }

  async #submit(
    raw: Uint8Array,
    secret: PrivatePrompt | null,
    onSigned: (opened: OpenedQuery) => void,
  ): Promise<OpenedQuery> {
    const decoded = decodeTransaction(raw);
    if (!decoded.ok || decoded.value.body.payload.type !== 'query.open') {
      throw new SynodError(
        'MALFORMED',
        'The bytes are no signed query.open transaction. Encode one as docs/spec/codec.md says.',
      );
    }
    this.#requireUpToDate();
    const { body } = decoded.value;
    const queryId = transactionId(body);
    const { contract } = body.payload as QueryOpen;
    const readKey =
      contract.privacy === null ? null : await this.#keep(queryId, { contract, secret, openBy: body.validUntil });
    const opened = { queryId, validUntil: body.validUntil, readKey };
    onSigned(opened);
    const admission = this.#host.submitTransaction(raw);
    if (admission.kind === 'refused') {
      throw new SynodError(
        admission.code,
        describeRefusal(admission.code, admission.facts) ?? `The chain refused the query: ${admission.code}.`,
        {
          facts: { txHash: queryId },
        },
      );
    }
    this.tracker.track(queryId);
    return opened;
  }

  /**
   * The signed transaction that ends a query of a devnet account early. Throws QUERY_UNKNOWN, or NOT_REQUESTER where this node holds
   * no key of its requester.
   */
  cancelling(queryId: Hash, { isPayers = false, feeMax, onSigned }: CancelHooks = {}): Uint8Array {
    const query = readQuery(this.#reader.state, queryId);
    if (query === null) throw unknownQuery(queryId);
    const account = isPayers ? this.#accounts.payerOf(query.requester) : this.#accounts.of(query.requester);
    if (account === null) {
      throw new SynodError(
        'NOT_REQUESTER',
        `This node holds no key of ${query.requester}, who opened the query. Sign a query.cancel with that key and send it with tx_send.`,
        { facts: { queryId, requester: query.requester } },
      );
    }
    const body = this.#accounts.body(publicKeyOf(account.seed), { type: 'query.cancel', queryId });
    const capped = feeMax === undefined ? body : cappedAt(body, feeMax);
    onSigned?.({ id: transactionId(capped), validUntil: capped.validUntil });
    return this.#accounts.signed(account.seed, capped);
  }

  #payer(address: Address): { readonly seed: Uint8Array } {
    const held = this.#accounts.payerOf(address);
    if (held !== null) return held;
    throw new SynodError(
      'ACCOUNT_UNKNOWN',
      `This node holds no key of ${address}, which should pay. Start it with --pay-from.`,
      {
        facts: { address },
      },
    );
  }

  /** Resolves once a query that is on its way is in a block, or has failed, or the time is over; at once for any other. */
  async opened(queryId: Hash, timeoutMs: number): Promise<void> {
    const isOnItsWay = () => readQuery(this.#reader.state, queryId) === null && this.#sealedView(queryId) !== null;
    if (!isOnItsWay()) return;
    for await (const _ of this.follow(queryId, { signal: AbortSignal.timeout(timeoutMs) })) if (!isOnItsWay()) return;
  }

  follow(
    queryId: Hash,
    { signal, readKey = null }: { readonly signal?: AbortSignal | undefined; readonly readKey?: Hash | null },
  ): AsyncIterable<QueryEvent> {
    if (!this.tracker.has(queryId)) this.#recall(queryId);
    return this.#readable(this.tracker.follow(queryId, signal), readKey);
  }

  /** Texts of a private query are in it for the holder of the read key. */
  view(queryId: Hash, readKey: Hash | null): QueryView | null {
    const view = this.#sealedView(queryId);
    return view === null ? null : this.#private.opened(view, readKey);
  }

  /** The same without what was disclosed: of a private query, for whoever asked it alone. */
  askersView(queryId: Hash, readKey: Hash | null): QueryView | null {
    const view = this.#sealedView(queryId);
    return view === null ? null : this.#private.openedByKey(view, readKey);
  }

  /** What the requester of a private query can disclose. Throws `QUERY_UNKNOWN` or `READ_KEY_WRONG`. */
  disclosure(queryId: Hash, readKey: Hash): Disclosure {
    const state = readQuery(this.#reader.state, queryId);
    if (state !== null) return this.#private.disclosure(state, readKey);
    throw new SynodError('QUERY_UNKNOWN', 'This query is not in state: it was never opened, or has left it.', {
      facts: { queryId },
    });
  }

  /** Text on the way from a respondent. */
  onToken({
    queryId,
    expert,
    text,
  }: {
    readonly queryId: Hash;
    readonly expert: Address;
    readonly text: string;
  }): void {
    const isPrivate = readQuery(this.#reader.state, queryId)?.contract.privacy !== null;
    this.tracker.add({ kind: 'token', queryId, expert, text, isPrivate });
  }

  /** The host has a private query's content on disk. */
  onKept(queryId: Hash): void {
    this.#private.onKept(queryId);
  }

  #sealedView(queryId: Hash): QueryView | null {
    const settledAt = this.#reader.querySettledHeight(queryId);
    const state = readQuery(this.#reader.state, queryId);
    if (settledAt === null) {
      const isPending = this.#host.pendingTransaction(queryId) !== undefined;
      if (state === null && !isPending) return null;
      const status = state === null ? 'pending' : 'open';
      const contract = state?.contract ?? this.#pendingContract(queryId);
      return { queryId, status, state, receipt: null, settled: null, ...promptOf(contract) };
    }
    const receipt = this.#reader.results(settledAt)?.receipts.find((entry) => entry.queryId === queryId) ?? null;
    const finalized = this.#host.head.height > settledAt;
    const blockHash = this.#reader.block(settledAt)?.hash ?? null;
    const settled = blockHash === null ? null : { height: settledAt, blockHash, finalized };
    const contract = state?.contract ?? receipt?.contract ?? null;
    return { queryId, status: finalized ? 'final' : 'settled', state, receipt, settled, ...promptOf(contract) };
  }

  /** A query's opening that failed in its block is told to whoever follows it. */
  onResults(results: readonly { readonly id: Hash; readonly code: string }[]): void {
    for (const { id, code } of results) {
      if (code === 'OK' || !this.tracker.has(id)) continue;
      const message = describeRefusal(code) ?? `The chain refused the query: ${code}.`;
      this.tracker.add({ kind: 'failed', queryId: id, code, message });
    }
  }

  /** Tells followers about receipts that have become final. */
  onHead(): void {
    for (const queryId of this.tracker.takeFinal(this.#host.head.height)) {
      const view = this.#sealedView(queryId);
      if (view !== null) this.tracker.add({ kind: 'final', queryId, view });
    }
  }

  /** A query this process has not followed, for instance from before a restart. */
  #recall(queryId: Hash): void {
    const view = this.#sealedView(queryId);
    if (view === null) throw unknownQuery(queryId);
    if (view.status === 'final') this.tracker.add({ kind: 'final', queryId, view });
    else if (view.settled !== null) this.tracker.track(queryId).settledAt = view.settled.height;
  }

  /** Only a coordinator keeps content: it alone would send it to the committee. */
  #keep(queryId: Hash, options: Parameters<PrivateQueries['keep']>[1]): Promise<Hash> {
    if (options.contract.coordinator === this.#operator) return this.#private.keep(queryId, options);
    throw new SynodError(
      'NOT_COORDINATOR',
      'The contract names another coordinator than this node. Send a private query to the node that coordinates it.',
      { facts: { coordinator: options.contract.coordinator } },
    );
  }

  #pendingContract(queryId: Hash): QueryContract | null {
    const payload = this.#host.pendingTransaction(queryId)?.transaction.body.payload;
    return payload?.type === 'query.open' ? payload.contract : null;
  }

  /** Events without what only the holder of the read key may see. */
  async *#readable(events: AsyncIterable<QueryEvent>, readKey: Hash | null): AsyncGenerator<QueryEvent> {
    for await (const event of events) {
      if (event.kind === 'final') yield { ...event, view: this.#private.opened(event.view, readKey) };
      else if (event.kind !== 'token' || !event.isPrivate || this.#private.isReader(event.queryId, readKey))
        yield event;
    }
  }

  #requireCoordinator(): void {
    if (this.#operator !== null) return;
    throw new SynodError('NO_COORDINATOR', 'This node is no validator and cannot coordinate queries. Ask a validator.');
  }

  #checkBalance(address: Address, maxFee: Amount): void {
    const { balance } = readAccount(this.#reader.state, address);
    if (balance >= maxFee) return;
    throw new SynodError(
      'INSUFFICIENT_BALANCE',
      `The account has ${formatSyn(balance)}, the query may cost up to ${formatSyn(maxFee)}. Nothing was charged. Fund ${address}, or set a lower maximum.`,
      { facts: { balance: balance.toString(), needed: maxFee.toString(), address } },
    );
  }
}

function promptOf(contract: QueryContract | null): Pick<QueryView, 'prompt' | 'isSealed' | 'disclosedAt'> {
  const isSealed = contract !== null && contract.privacy !== null;
  return { isSealed, disclosedAt: null, prompt: isSealed ? null : (contract?.prompt ?? null) };
}

function unknownQuery(queryId: Hash): SynodError {
  return new SynodError('QUERY_UNKNOWN', `No query ${queryId} is known here. Check the id, or ask another node.`, {
    facts: { queryId },
  });
}

/** The escrow and the dearest block space that the transaction accepts. */
function costMaxOf(body: TransactionBody, bytes: number): Amount {
  const escrow = body.payload.type === 'query.open' ? body.payload.contract.maxFee : 0n;
  return escrow + BigInt(bytes) * body.maxBaseFeePerByte + body.tip;
}

/** The same transaction for at most `feeMax` nano. */
function cappedAt(body: TransactionBody, feeMax: Amount): TransactionBody {
  const bytes = BigInt(encodeTransaction({ body, signature: new Uint8Array(64) }).length);
  const perByte = feeMax / bytes;
  return perByte < body.maxBaseFeePerByte ? { ...body, maxBaseFeePerByte: perByte } : body;
}

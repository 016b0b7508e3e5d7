/**
 * Takes what users say about answers (spec: learning §2): makes the blob, keeps it durable, signs `feedback.give` for an account whose key
 * is here or prepares it for one that is elsewhere, and submits it. Owns the order: nothing is sent whose words are not on disk here, and what
 * is private is written to a file and never sent. What is taken is the chain's to say.
 */
import {
  type Address,
  type Amount,
  type AskedQuery,
  addressOf,
  blobId,
  correctionLeaf,
  decodeFeedbackBlob,
  decodeTransaction,
  encodeTransaction,
  type FeedbackBlob,
  type FeedbackGive,
  feedbackBlobProblem,
  formatSyn,
  type Hash,
  type Height,
  type PublicKey,
  publicKeyOf,
  readAccount,
  readAsked,
  readBaseFee,
  readParams,
  type StateTree,
  SynodError,
  type Transaction,
  type TransactionBody,
  transactionId,
  transactionSignBytes,
  verifySignature,
} from '@synod/chain';
import type { DevAccounts, HeldAccount } from './dev-accounts.ts';
import {
  type AskedWords,
  askedWords,
  blobOf,
  type FeedbackRequest,
  tooLong,
  unsettled,
  windowOver,
} from './feedback-words.ts';
import type { QueryView } from './query-view.ts';
import type { SubmitResult, Submitter, WaitFor } from './submitter.ts';

export type { FeedbackRequest } from './feedback-words.ts';

/** Feedback that the node signs for one of its devnet accounts, or keeps at home. */
export type OwnFeedbackRequest = FeedbackRequest & {
  readonly from?: string | undefined;
  readonly isPrivate: boolean;
  readonly readKey: Hash | null;
};

export type FeedbackResult =
  | ({ readonly kind: 'given'; readonly queryId: Hash; readonly content: Hash; readonly bytes: number } & SubmitResult)
  | { readonly kind: 'kept'; readonly queryId: Hash; readonly file: string };

export type PreparedFeedback = { readonly transaction: Uint8Array; readonly blob: Uint8Array; readonly content: Hash };

/** A signed `feedback.give`; `content` names its words. */
export type SentFeedback = { readonly id: Hash; readonly content: Hash; readonly raw: Uint8Array };

/** With the most that its account can lose by it. */
export type SignedFeedback = SentFeedback & {
  readonly validUntil: Height;
  readonly deposit: Amount;
  readonly feeMax: Amount;
};

/** Whoever pays by books of its own: what they have sent, and what they hear before anything is out. */
export type FeedbackTerms = {
  readonly payer: Address;
  readonly sent: () => SentFeedback | null;
  /** When it throws, nothing goes out. */
  readonly onSigned: (signed: SignedFeedback) => void;
};

export type FeedbackWait = { readonly waitFor: WaitFor; readonly timeoutMs: number };

/** What a node keeps of feedback. */
export type FeedbackFiles = {
  readonly blobs: {
    has(content: Hash): boolean;
    read(content: Hash): Uint8Array | null;
    /** True when it is durable. */
    keep(content: Hash, bytes: Uint8Array): Promise<boolean>;
  };
  /** Of what is said about private queries, a line each. */
  readonly privateFile: { readonly path: string; append(line: Uint8Array): Promise<void> };
};

export type FeedbackServiceOptions = {
  readonly head: () => { readonly height: Height; readonly state: StateTree };
  /** Texts of a private query are in it for the holder of its read key alone, also after their disclosure. */
  readonly view: (queryId: Hash, readKey: Hash | null) => QueryView | null;
  readonly accounts: DevAccounts;
  readonly submitter: Submitter;
  /** Null where this node keeps none. */
  readonly files: FeedbackFiles | null;
};

type Made = { readonly blob: FeedbackBlob; readonly bytes: Uint8Array };

export class FeedbackService {
  readonly #options: FeedbackServiceOptions;

  constructor(options: FeedbackServiceOptions) {
    this.#options = options;
  }

  /** That of a private query, and what is asked to stay here, goes to the file of the home. */
  async submit(request: OwnFeedbackRequest, wait: FeedbackWait, terms?: FeedbackTerms): Promise<FeedbackResult> {
    const files = this.#requireFiles();
    const { queryId, readKey, isPrivate, from } = request;
    const words = askedWords(queryId, this.#options.view(queryId, readKey));
    if (words.isPrivate) return this.#keepHome(files, blobOf(words, request, words.requester));
    const account = terms === undefined ? this.#account(words, from) : this.#payer(words, terms.payer);
    const made = blobOf(words, request, account.address);
    if (isPrivate) return this.#keepHome(files, made);
    const before = terms?.sent() ?? null;
    if (before !== null) return this.#again(before, { ...made, words }, wait);
    const give = this.#checked(words, made, account.address);
    const { accounts } = this.#options;
    const body = accounts.body(publicKeyOf(account.seed), give);
    const raw = accounts.signed(account.seed, body);
    await this.#keep(files, give.content, made.bytes);
    // While the words were written, another request may have sent some.
    const meanwhile = terms?.sent() ?? null;
    if (meanwhile !== null) return this.#again(meanwhile, { ...made, words }, wait);
    terms?.onSigned(this.#signed(body, { id: transactionId(body), content: give.content, raw }));
    return this.#send(raw, { queryId, content: give.content, bytes: made.bytes.length }, wait);
  }

  /** What was sent before goes out once more, as it is: it is the same transaction, and charged once. */
  #again(
    { raw, content }: SentFeedback,
    { bytes, words }: { readonly bytes: Uint8Array; readonly words: AskedWords },
    wait: FeedbackWait,
  ): Promise<FeedbackResult> {
    const { queryId } = words.receipt;
    if (blobId(bytes) === content) return this.#send(raw, { queryId, content, bytes: bytes.length }, wait);
    throw new SynodError(
      'FEEDBACK_TWICE',
      'Other feedback about this query was sent with this spend key before. It stands. Nothing was charged for this one.',
      { facts: { queryId, content } },
    );
  }

  #signed(body: TransactionBody, sent: SentFeedback): SignedFeedback {
    const { feedbackDeposit: deposit } = readParams(this.#options.head().state).learning;
    const feeMax = BigInt(sent.raw.length) * body.maxBaseFeePerByte + body.tip;
    return { ...sent, validUntil: body.validUntil, deposit, feeMax };
  }

  /** The very transaction that `submit` would sign, with its blob; its signature is 64 zeros. Nothing is kept. */
  prepare(request: FeedbackRequest, sender: PublicKey): PreparedFeedback {
    const { queryId } = request;
    const words = this.#publicWords(queryId);
    const made = blobOf(words, request, addressOf(sender));
    const give = this.#checked(words, made, addressOf(sender));
    const body = this.#options.accounts.body(sender, give);
    const transaction = encodeTransaction({ body, signature: new Uint8Array(64) });
    return { transaction, blob: made.bytes, content: give.content };
  }

  /** The blob may be left out where it is here already. */
  async submitSigned(raw: Uint8Array, blob: Uint8Array | null, wait: FeedbackWait): Promise<FeedbackResult> {
    const files = this.#requireFiles();
    const { transaction, give } = requireGive(raw);
    const bytes = blob ?? files.blobs.read(give.content);
    if (bytes === null) {
      throw new SynodError(
        'BLOB_MISSING',
        'The words that the transaction names are missing, and without them nobody could learn from it. Send the blob beside it.',
        { facts: { content: give.content } },
      );
    }
    const said = requireBlob(give, bytes);
    const words = this.#publicWords(give.queryId);
    const author = addressOf(transaction.body.sender);
    const { promptHash } = this.#ready(words, bytes, author);
    // As those will find it who attest; and more than they, it is the answer that was the best.
    const problem = feedbackBlobProblem(said, { ...give, domain: words.domain, author, promptHash });
    if (problem !== null || said.answer !== words.answer) throw mismatch(give.content);
    await this.#keep(files, give.content, bytes);
    return this.#send(raw, give, wait);
  }

  async #keep({ blobs }: FeedbackFiles, content: Hash, bytes: Uint8Array): Promise<void> {
    if (await blobs.keep(content, bytes)) return;
    throw new SynodError(
      'BLOB_NOT_STORED',
      'The words could not be written to the disk of this node, so nothing was sent. Free disk space and give the feedback again.',
      { facts: { content } },
    );
  }

  /** The words are on disk. */
  async #send(
    raw: Uint8Array,
    { queryId, content, bytes }: Pick<FeedbackGive, 'queryId' | 'content' | 'bytes'>,
    wait: FeedbackWait,
  ): Promise<FeedbackResult> {
    const result = await this.#options.submitter.submit(raw, wait);
    return { kind: 'given', queryId, content, bytes, ...result };
  }

  async #keepHome({ privateFile }: FeedbackFiles, { blob, bytes }: Made): Promise<FeedbackResult> {
    await privateFile.append(bytes);
    return { kind: 'kept', queryId: blob.queryId, file: privateFile.path };
  }

  /** The payload, after what the chain would refuse is refused here, before anything is kept or charged. */
  #checked(words: AskedWords, { blob, bytes }: Made, author: Address): FeedbackGive {
    this.#ready(words, bytes, author);
    const { queryId, rating } = blob;
    const leaf = correctionLeaf(blob);
    return { type: 'feedback.give', queryId, rating, content: blobId(bytes), bytes: bytes.length, leaf };
  }

  /** What the chain remembers of a query about which this author may speak now, at this length. */
  #ready({ receipt }: AskedWords, bytes: Uint8Array, author: Address): AskedQuery {
    const { height, state } = this.#options.head();
    const { queryId, settledAt } = receipt;
    // The store may know of a block that has just been decided before the head is there.
    if (settledAt > height) throw unsettled(queryId);
    const asked = requireOpen(readAsked(state, queryId), queryId, author);
    const { feedbackBytesMax, feedbackDeposit } = readParams(state).learning;
    if (bytes.length > feedbackBytesMax) throw tooLong(bytes.length, feedbackBytesMax);
    requireFunds(state, author, feedbackDeposit);
    return asked;
  }

  /** The one named, else the one that asked: nobody else may speak. */
  #account({ requester }: AskedWords, from: string | undefined): HeldAccount {
    const { accounts } = this.#options;
    const named = accounts.require(from);
    const account = from === undefined ? accounts.of(requester) : named;
    if (account?.address === requester) return account;
    throw foreign(requester);
  }

  /** That of a spend key: it speaks about what it asked. */
  #payer({ requester }: AskedWords, payer: Address): HeldAccount {
    const account = this.#options.accounts.payerOf(payer);
    if (account?.address === requester) return account;
    throw foreign(requester);
  }

  #publicWords(queryId: Hash): AskedWords {
    const view = this.#options.view(queryId, null);
    if (view?.isSealed !== true) return askedWords(queryId, view);
    throw new SynodError(
      'FEEDBACK_PRIVATE',
      'The query is private: what is said about it stays at home and is not signed. Give it without raw, at the node that opened the query.',
      { facts: { queryId } },
    );
  }

  #requireFiles(): FeedbackFiles {
    const { files } = this.#options;
    if (files !== null) return files;
    throw new SynodError('NOT_SUPPORTED', 'This node keeps no feedback. Ask another node.');
  }
}

function requireOpen(asked: AskedQuery | null, queryId: Hash, author: Address): AskedQuery {
  if (asked === null) throw windowOver(queryId);
  if (asked.requester !== author) throw foreign(asked.requester);
  if (asked.feedback === null) return asked;
  throw new SynodError(
    'FEEDBACK_TWICE',
    `Feedback about this query was given before, as number ${asked.feedback} of ${asked.domain}. It stands.`,
    { facts: { queryId, domain: asked.domain, number: asked.feedback } },
  );
}

/** The deposit, and what a transaction of the usual size costs now. */
function requireFunds(state: StateTree, author: Address, deposit: bigint): void {
  const { balance } = readAccount(state, author);
  const needed = deposit + readBaseFee(state) * TRANSACTION_BYTES;
  if (balance >= needed) return;
  throw new SynodError(
    'FEEDBACK_UNFUNDED',
    `The account has ${formatSyn(balance)}; feedback holds ${formatSyn(deposit)} until its round is over, and costs a fee. Fund ${author}.`,
    { facts: { balance: balance.toString(), needed: needed.toString(), address: author } },
  );
}

/** About the length of a signed `feedback.give`. */
const TRANSACTION_BYTES = 320n;

function requireGive(raw: Uint8Array): { readonly transaction: Transaction; readonly give: FeedbackGive } {
  const decoded = decodeTransaction(raw);
  if (!decoded.ok || decoded.value.body.payload.type !== 'feedback.give') {
    throw new SynodError(
      'MALFORMED',
      'The bytes are no signed feedback.give transaction. Encode one as docs/spec/codec.md says.',
    );
  }
  const { body, signature } = decoded.value;
  // Before anything of a stranger's is kept here.
  if (!verifySignature(body.sender, transactionSignBytes(body), signature)) {
    throw new SynodError('BAD_SIGNATURE', 'The signature does not match the sender and the body. Sign it again.');
  }
  return { transaction: decoded.value, give: body.payload as FeedbackGive };
}

function requireBlob({ content, bytes: length, queryId }: FeedbackGive, bytes: Uint8Array): FeedbackBlob {
  const said = bytes.length === length && blobId(bytes) === content ? decodeFeedbackBlob(bytes) : null;
  if (said !== null && said.queryId === queryId) return said;
  throw mismatch(content);
}

function mismatch(content: Hash): SynodError {
  return new SynodError(
    'BLOB_MISMATCH',
    'The blob is not what the transaction names, or does not repeat what was asked and answered. Take both from feedback_prepare.',
    { facts: { content } },
  );
}

function foreign(requester: Address): SynodError {
  return new SynodError(
    'FEEDBACK_FOREIGN',
    `Only ${requester}, who opened the query, may say how its answer was. Sign with that key.`,
    { facts: { requester } },
  );
}
